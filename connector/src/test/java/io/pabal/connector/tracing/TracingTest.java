// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.pabal.connector.ConnectorConfig;
import io.pabal.connector.ConnectorMetrics;
import io.pabal.connector.fixture.PlayedRouter;
import io.pabal.schemas.DeliveryHeader.Routed;
import io.pabal.schemas.Message;
import io.pabal.schemas.UserProperty;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.header.Header;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TracingTest {

  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String SPAN = "b7ad6b7169203331";
  private static final String SAMPLED = "00-" + TRACE + "-" + SPAN + "-01";
  private static final String NOT_SAMPLED = "00-" + TRACE + "-" + SPAN + "-00";
  private static final long SECOND_NANOS = 1_000_000_000;

  private final InMemorySpanExporter spans = InMemorySpanExporter.create();
  private final OpenTelemetrySdk sdk =
      OpenTelemetrySdk.builder()
          .setTracerProvider(
              SdkTracerProvider.builder()
                  .addSpanProcessor(SimpleSpanProcessor.create(spans))
                  .build())
          .build();
  private final ConnectorMetrics metrics = new ConnectorMetrics();
  private long nowNanos;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "nonsense",
        // An all-zero trace identifier, and an all-zero span identifier: both are invalid.
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        // Not lower case, not hexadecimal.
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319z-b7ad6b7169203331-01",
        // Version ff is invalid, and version 00 ends with the flags.
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0\u0661"
      })
  void shouldIgnoreAMalformedTraceparent(String malformed) {
    assertThat(tracing(0, 10).send(message("traceparent", malformed), 0, 1)).isNull();

    send(tracing(1, 10), "traceparent", malformed)
        .endedAfter((metadata, error) -> {})
        .onCompletion(written(), null);

    assertThat(only().getTraceId()).isNotEqualTo(TRACE);
    assertThat(only().getParentSpanContext().isValid()).isFalse();
  }

  @Test
  void shouldIgnoreTwoTraceparents() {
    assertThat(tracing(0, 10).send(message("traceparent", SAMPLED, "traceparent", SAMPLED), 0, 1))
        .isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Traceparent", "TRACEPARENT", "traceparent ", "x-traceparent"})
  void shouldIgnoreAPropertyOfAnotherName(String name) {
    assertThat(tracing(0, 10).send(message(name, SAMPLED), 0, 1)).isNull();
    assertThat(carried(tracing(0, 10), "traceparent", SAMPLED, name, SAMPLED)).hasSize(1);
  }

  @Test
  void shouldFollowATraceparentOfALaterVersion() {
    String later = "cc-" + TRACE + "-" + SPAN + "-01-what-the-future-brings";

    assertThat(carried(tracing(0, 10), "traceparent", later).getFirst())
        .startsWith("traceparent=00-" + TRACE)
        .endsWith("-01");
  }

  @Test
  void shouldNotTraceAMessageThatItsPublisherDoesNotSample() {
    Tracing tracing = tracing(1, 1);

    assertThat(tracing.send(message("traceparent", NOT_SAMPLED), 0, 1)).isNull();

    // The message that is not traced does not count against the bound.
    assertThat(tracing.send(message("traceparent", SAMPLED), 0, 1)).isNotNull();
    assertThat(metrics.tracesOverRate.sum()).isZero();
  }

  @Test
  void shouldNotTraceWithoutContextWhenTheRatioIsZero() {
    assertThat(tracing(0, 10).send(message("a", "b"), 0, 1)).isNull();
    assertThat(tracing(0, 10).send(message(), 0, 1)).isNull();
  }

  @Test
  void shouldPropagateTheTracestate() {
    Tracing tracing = tracing(0, 10);

    assertThat(
            carried(tracing, "tracestate", "a=1,b=2", "traceparent", SAMPLED, "tracestate", "c=3"))
        .contains("tracestate=a=1,b=2,c=3");
  }

  @Test
  void shouldLeaveOutATracestateThatIsTooLong() {
    String first = "a=" + "x".repeat(250) + ",b=";
    String longest = first + "x".repeat(ReceivedFields.TRACESTATE_CHARS_MAX - first.length());
    // A value of a tracestate has 256 characters at most.
    longest = longest.substring(0, 400) + ",c=" + longest.substring(403);

    assertThat(carried(tracing(0, 10), "traceparent", SAMPLED, "tracestate", longest))
        .contains("tracestate=" + longest);
    assertThat(carried(tracing(0, 10), "traceparent", SAMPLED, "tracestate", longest + "x"))
        .hasSize(1);
  }

  @Test
  void shouldBoundTheTracesPerSecond() {
    Tracing tracing = tracing(1, 4);

    assertThat(tracedOf200(tracing)).isEqualTo(4);
    assertThat(metrics.tracesOverRate.sum()).isEqualTo(196);

    nowNanos += SECOND_NANOS / 2;
    assertThat(tracedOf200(tracing)).isEqualTo(2);
  }

  @Test
  void shouldTraceAsManyOnTheWayOutAsOnTheWayIn() {
    Tracing tracing = tracing(0, 1);

    tracing.send(message("traceparent", SAMPLED), 0, 1);
    deliver(tracing, SAMPLED).end(1);

    assertThat(only().getName()).isEqualTo("process deliveries.c1");
    assertThat(metrics.tracesOverRate.sum()).isZero();
  }

  @Test
  void shouldPropagateTheContextOfADeliveryAboveTheBound() {
    Tracing tracing = tracing(0, 1);
    DeliverySpan recorded = deliver(tracing, SAMPLED);
    DeliverySpan over = deliver(tracing, SAMPLED);

    recorded.end(1);
    over.end(1);

    assertThat(recorded.context().traceparent())
        .isEqualTo("00-" + TRACE + "-" + only().getSpanId() + "-01");
    assertThat(over.context().traceparent()).isEqualTo(SAMPLED);
    assertThat(metrics.tracesOverRate.sum()).isEqualTo(1);
  }

  @Test
  void shouldPropagateTheContextOfADeliveryThatIsNotSampled() {
    DeliverySpan span = deliver(tracing(1, 10), NOT_SAMPLED);

    span.end(1);

    assertThat(span.context().traceparent()).isEqualTo(NOT_SAMPLED);
    assertThat(spans.getFinishedSpanItems()).isEmpty();
  }

  @Test
  void shouldNotTraceADeliveryWithoutValidHeaders() {
    assertThat(tracing(1, 10).deliver(record(), "a", new Routed(0, 7, 1, 1))).isNull();
    ConsumerRecord<byte[], byte[]> malformed = record();
    malformed.headers().add("traceparent", null);
    assertThat(tracing(1, 10).deliver(malformed, "a", new Routed(0, 7, 1, 1))).isNull();
  }

  @Test
  void shouldEndTheSpanWithKafkasAnswerAfterTheCallback() {
    SendSpan span = send(tracing(0, 10), "traceparent", SAMPLED);
    List<Integer> endedAtCallback = new ArrayList<>();

    span.endedAfter((metadata, error) -> endedAtCallback.add(spans.getFinishedSpanItems().size()))
        .onCompletion(written(), new TimeoutException("too late"));

    assertThat(endedAtCallback).containsExactly(0);
    assertThat(only().getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
    assertThat(only().getAttributes().get(AttributeKey.stringKey("error.type")))
        .isEqualTo(TimeoutException.class.getName());
  }

  /** Sends 100 sampled messages and 100 without context. Returns how many are traced. */
  private static int tracedOf200(Tracing tracing) {
    int traced = 0;
    for (int i = 0; i < 100; i++) {
      traced += tracing.send(message("traceparent", SAMPLED), 0, 1) == null ? 0 : 1;
      traced += tracing.send(message(), 0, 1) == null ? 0 : 1;
    }
    return traced;
  }

  private Tracing tracing(double sampleRatio, int messagesPerSecond) {
    return new Tracing(
        new ConnectorConfig.Tracing(sdk, sampleRatio, messagesPerSecond), metrics, () -> nowNanos);
  }

  private SpanData only() {
    assertThat(spans.getFinishedSpanItems()).hasSize(1);
    return spans.getFinishedSpanItems().getFirst();
  }

  private static SendSpan send(Tracing tracing, String... namesAndValues) {
    return Objects.requireNonNull(tracing.send(message(namesAndValues), 0, 1));
  }

  private static List<String> carried(Tracing tracing, String... namesAndValues) {
    List<String> carried = new ArrayList<>();
    for (Header header : send(tracing, namesAndValues).headers()) {
      carried.add(header.key() + "=" + new String(header.value(), StandardCharsets.UTF_8));
    }
    return carried;
  }

  private static DeliverySpan deliver(Tracing tracing, String traceparent) {
    ConsumerRecord<byte[], byte[]> record = record();
    record.headers().add("traceparent", traceparent.getBytes(StandardCharsets.UTF_8));
    return Objects.requireNonNull(tracing.deliver(record, "a", new Routed(0, 7, 1, 1)));
  }

  private static ConsumerRecord<byte[], byte[]> record() {
    return new ConsumerRecord<>("deliveries.c1", 0, 7, new byte[0], new byte[0]);
  }

  private static RecordMetadata written() {
    return new RecordMetadata(new TopicPartition("messages", 0), 7, 0, 0, 0, 0);
  }

  private static Message message(String... namesAndValues) {
    List<UserProperty> properties = new ArrayList<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      properties.add(new UserProperty(namesAndValues[i], namesAndValues[i + 1]));
    }
    return PlayedRouter.message("a", "hello").setUserProperties(properties).build();
  }
}
