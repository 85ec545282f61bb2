// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.tracing;

import io.opentelemetry.api.trace.Span;

/**
 * The span of one delivery record, from the read of the record until every event loop has flushed
 * its sockets. There is one span for all recipients. Any thread.
 */
public final class DeliverySpan {

  private final Span span;
  private final TraceContext context;

  DeliverySpan(Span span, TraceContext context) {
    this.span = span;
    this.context = context;
  }

  /** The trace context that the recipients receive. */
  public TraceContext context() {
    return context;
  }

  /**
   * Ends the span. Called once.
   *
   * @param sessions the number of this connector's sessions that were subscribed when the message
   *     was delivered
   */
  public void end(int sessions) {
    span.setAttribute(SpanAttributes.SESSIONS, sessions);
    span.end();
  }
}
