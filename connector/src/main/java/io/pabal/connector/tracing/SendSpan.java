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
 * The span of one message on its way in, from the PUBLISH until Kafka has the message or has failed
 * to take it. Begins on an event loop, ends on the thread of the Kafka producer.
 */
public final class SendSpan {

  private final Span span;
  private final TraceContext context;

  SendSpan(Span span) {
    this.span = span;
    this.context = TraceContext.at(Context.root().with(span));
  }

  /** The headers that carry the trace context to the readers of the record. */
  public Headers headers() {
    return context.toHeaders();
  }

  /** About how many bytes the headers add to the record. */
  public int headerBytes() {
    return context.bytes();
  }

  /** A callback that runs {@code callback} and then ends the span. */
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
