// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.tracing;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.pabal.connector.ConnectorConfig;
import io.pabal.connector.ConnectorMetrics;
import io.pabal.connector.admission.RateLimit;
import io.pabal.schemas.DeliveryHeader.Routed;
import io.pabal.schemas.Message;
import io.pabal.schemas.topic.TopicCatalogue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Decides which messages are traced, and begins their spans. Any thread; never blocks.
 *
 * <p>On the way in, a message with a valid {@code traceparent} is traced if its sampled flag is
 * set: the publisher decides. A message without a valid {@code traceparent} is traced by chance. On
 * the way out, a record is traced if its headers have a valid {@code traceparent} with the sampled
 * flag; connectors write these headers.
 *
 * <h2>Bounds</h2>
 *
 * <p>Every client that may publish can set the sampled flag, and can choose trace identifiers that
 * pass any sampling by ratio of identifiers. So there are at most {@code messagesPerSecond} spans a
 * second on the way in and as many on the way out; the spans of one second may begin at once. A
 * message above the bound is appended as if tracing were off. A delivery above the bound is not
 * recorded; its recipients receive the trace context of the record's headers.
 */
public final class Tracing {

  private static final String SCOPE = "io.pabal.connector";
  private static final String KAFKA = "kafka";
  private static final String SEND = "send";
  private static final String PROCESS = "process";

  private final Tracer tracer;
  private final double sampleRatio;
  private final RateLimit sends;
  private final RateLimit deliveries;
  private final ConnectorMetrics metrics;
  private final LongSupplier nanoTime;

  /** Tracing as {@code config} says. */
  public Tracing(ConnectorConfig.Tracing config, ConnectorMetrics metrics) {
    this(config, metrics, System::nanoTime);
  }

  Tracing(ConnectorConfig.Tracing config, ConnectorMetrics metrics, LongSupplier nanoTime) {
    int perSecond = config.messagesPerSecond();
    this.tracer =
        config.openTelemetry().tracerBuilder(SCOPE).setSchemaUrl(SpanAttributes.SCHEMA_URL).build();
    this.sampleRatio = config.sampleRatio();
    this.sends = new RateLimit(perSecond, perSecond, nanoTime.getAsLong());
    this.deliveries = new RateLimit(perSecond, perSecond, nanoTime.getAsLong());
    this.metrics = metrics;
    this.nanoTime = nanoTime;
  }

  /**
   * Begins the span of a message that is about to be appended to {@code partition}; null when it is
   * not traced.
   *
   * @param bytes length of the record's value
   */
  public @Nullable SendSpan send(Message message, int partition, int bytes) {
    Context publisher = TraceContext.given(message.getUserProperties());
    SpanContext given = Span.fromContext(publisher).getSpanContext();
    boolean wanted = given.isValid() ? given.isSampled() : isChosen();
    if (!wanted || !isWithin(sends)) {
      return null;
    }
    Span span =
        builder(SEND, SpanKind.PRODUCER, TopicCatalogue.MESSAGES, publisher)
            .setAttribute(SpanAttributes.PARTITION, Integer.toString(partition))
            .setAttribute(SpanAttributes.KEY, message.getAddress())
            .setAttribute(SpanAttributes.BODY_BYTES, (long) bytes)
            .startSpan();
    // The tracer's own sampler may have decided against the span.
    return span.isRecording() ? new SendSpan(span) : null;
  }

  /**
   * Begins the span of a delivery record; null when the record has no valid trace context. The span
   * records nothing when the record is not sampled, or is above the bound.
   *
   * @param address the record's key
   * @param routed the position of the message in {@code messages}
   */
  public @Nullable DeliverySpan deliver(
      ConsumerRecord<byte[], byte[]> record, String address, Routed routed) {
    Context sent = TraceContext.given(record.headers());
    SpanContext given = Span.fromContext(sent).getSpanContext();
    if (!given.isValid()) {
      return null;
    }
    if (!given.isSampled() || !isWithin(deliveries)) {
      return new DeliverySpan(Span.getInvalid(), TraceContext.at(sent));
    }
    Span span =
        builder(PROCESS, SpanKind.CONSUMER, record.topic(), sent)
            .setAttribute(SpanAttributes.PARTITION, Integer.toString(record.partition()))
            .setAttribute(SpanAttributes.OFFSET, record.offset())
            .setAttribute(SpanAttributes.KEY, address)
            .setAttribute(SpanAttributes.POSITION, routed.partition() + ":" + routed.offset())
            .startSpan();
    return new DeliverySpan(span, TraceContext.at(sent.with(span)));
  }

  private SpanBuilder builder(String operation, SpanKind kind, String topic, Context parent) {
    return tracer
        .spanBuilder(operation + " " + topic)
        .setSpanKind(kind)
        .setParent(parent)
        .setAttribute(SpanAttributes.SYSTEM, KAFKA)
        .setAttribute(SpanAttributes.OPERATION_NAME, operation)
        .setAttribute(SpanAttributes.OPERATION_TYPE, operation)
        .setAttribute(SpanAttributes.DESTINATION, topic);
  }

  private boolean isChosen() {
    return sampleRatio > 0 && ThreadLocalRandom.current().nextDouble() < sampleRatio;
  }

  private boolean isWithin(RateLimit limit) {
    if (limit.tryTake(nanoTime.getAsLong())) {
      return true;
    }
    metrics.tracesOverRate.increment();
    return false;
  }
}
