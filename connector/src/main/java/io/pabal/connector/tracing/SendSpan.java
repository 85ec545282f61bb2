// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.tracing;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Context;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * The span of one message on its way in: from the PUBLISH until Kafka has the message or has failed
 * to take it. Begun on an event loop, ended by Kafka's thread.
 */
public final class SendSpan {

  private final Span span;
  private final TraceContext context;

  SendSpan(Span span) {
    this.span = span;
    this.context = TraceContext.at(Context.root().with(span));
  }

  /** What the record carries for those who read it. */
  public Headers headers() {
    return context.toHeaders();
  }

  /** How many bytes the record is longer by it. */
  public int headerBytes() {
    return context.bytes();
  }

  /** Does what {@code callback} does, and then ends the span. */
  public Callback endedAfter(Callback callback) {
    return (metadata, error) -> {
      callback.onCompletion(metadata, error);
      end(metadata, error);
    };
  }

  private void end(RecordMetadata metadata, @Nullable Exception error) {
    if (error != null) {
      span.setStatus(StatusCode.ERROR, error.toString());
      span.setAttribute(SpanAttributes.ERROR_TYPE, error.getClass().getName());
    } else {
      span.setAttribute(SpanAttributes.OFFSET, metadata.offset());
    }
    span.end();
  }
}
