// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.tracing;

import io.opentelemetry.api.trace.Span;

/**
 * The span of one delivery record: from when the record was read until every event loop has flushed
 * its sockets. One for all recipients. Any thread.
 */
public final class DeliverySpan {

  private final Span span;
  private final TraceContext context;

  DeliverySpan(Span span, TraceContext context) {
    this.span = span;
    this.context = context;
  }

  /** What the recipients are told. */
  public TraceContext context() {
    return context;
  }

  /**
   * Ends it; to be called once.
   *
   * @param sessions how many sessions here were subscribed when the message came
   */
  public void end(int sessions) {
    span.setAttribute(SpanAttributes.SESSIONS, sessions);
    span.end();
  }
}
