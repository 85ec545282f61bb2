// SPDX-License-Identifier: Apache-2.0
package io.pabal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.datatypes.Mqtt5UserProperties;
import com.hivemq.client.mqtt.mqtt5.datatypes.Mqtt5UserProperty;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.pabal.connector.ConnectorConfig.Tracing;
import io.pabal.endtoend.Clients.Subscriber;
import io.pabal.schemas.TopicCatalogue;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * W3C trace context from a publisher's MQTT 5 user properties through Kafka headers to the
 * recipients. c1 traces what it is asked to, c2 everything, c3 nothing.
 */
@ExtendWith(Backbone.Extension.class)
class TracingTest {

  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String PARENT = "b7ad6b7169203331";
  private static final String SAMPLED = "00-" + TRACE + "-" + PARENT + "-01";

  private static final InMemorySpanExporter SPANS = InMemorySpanExporter.create();
  private static final OpenTelemetrySdk SDK =
      OpenTelemetrySdk.builder()
          .setTracerProvider(
              SdkTracerProvider.builder()
                  .addSpanProcessor(SimpleSpanProcessor.create(SPANS))
                  .build())
          .build();

  private static Pipeline pipeline;

  @BeforeAll
  static void start(Backbone backbone) {
    pipeline =
        Pipeline.on(
            backbone, 3, Map.of("c1", new Tracing(SDK, 0, 100), "c2", new Tracing(SDK, 1, 100)));
  }

  @AfterAll
  static void stop() {
    pipeline.close();
    SDK.close();
  }

  @Test
  void shouldKeepOneTraceFromThePublisherToTheRecipients() throws Exception {
    String address = "traced/way";
    Recipient one = Recipient.of(2, "way-1", address);
    Recipient other = Recipient.of(2, "way-2", address);
    Recipient elsewhere = Recipient.of(1, "way-3", address);

    publish(1, address, "a", "1", "traceparent", SAMPLED, "tracestate", "x=y,z=w", "b", "2");

    SpanData sent = awaitSpan(SpanKind.PRODUCER, "messages", address);
    assertThat(sent.getName()).isEqualTo("send messages");
    assertThat(sent.getTraceId()).isEqualTo(TRACE);
    assertThat(sent.getParentSpanId()).isEqualTo(PARENT);
    assertThat(sent.getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
    SpanData delivered = awaitSpan(SpanKind.CONSUMER, "deliveries.c2", address);
    assertThat(delivered.getTraceId()).isEqualTo(TRACE);
    assertThat(delivered.getParentSpanId()).isEqualTo(sent.getSpanId());
    assertThat(delivered.getAttributes().get(AttributeKey.longKey("pabal.sessions"))).isEqualTo(2);
    assertThat(delivered.getAttributes().get(AttributeKey.stringKey("pabal.position")))
        .isEqualTo(
            sent.getAttributes().get(AttributeKey.stringKey("messaging.destination.partition.id"))
                + ":"
                + sent.getAttributes().get(AttributeKey.longKey("messaging.kafka.offset")));
    SpanData deliveredElsewhere = awaitSpan(SpanKind.CONSUMER, "deliveries.c1", address);
    assertThat(deliveredElsewhere.getParentSpanId()).isEqualTo(sent.getSpanId());

    String expected = "00-" + TRACE + "-" + delivered.getSpanId() + "-01";
    for (Recipient recipient : List.of(one, other)) {
      assertThat(recipient.awaitProperties())
          .containsExactly("a=1", "b=2", "traceparent=" + expected, "tracestate=x=y,z=w");
    }
    assertThat(elsewhere.awaitProperties())
        .contains("traceparent=00-" + TRACE + "-" + deliveredElsewhere.getSpanId() + "-01");
    List<String> carried =
        List.of("traceparent=00-" + TRACE + "-" + sent.getSpanId() + "-01", "tracestate=x=y,z=w");
    assertThat(headers(TopicCatalogue.MESSAGES, address)).containsExactlyElementsOf(carried);
    assertThat(headers("deliveries.c2", address)).containsAll(carried);
  }

  @Test
  void shouldLeaveThePublishersPropertyAloneWhenOff() throws Exception {
    String address = "traced/off";
    Recipient off = Recipient.of(3, "off-1", address);
    Recipient on = Recipient.of(1, "off-2", address);

    publish(3, address, "traceparent", SAMPLED, "a", "1");

    assertThat(off.awaitProperties()).containsExactly("traceparent=" + SAMPLED, "a=1");
    assertThat(on.awaitProperties()).containsExactly("traceparent=" + SAMPLED, "a=1");
    assertThat(headers(TopicCatalogue.MESSAGES, address)).isEmpty();
    assertNoSpan(address, on);
  }

  @Test
  void shouldTellThePublishersOwnContextWhereTheRecipientsConnectorDoesNotTrace() throws Exception {
    String address = "traced/half";
    Recipient recipient = Recipient.of(3, "half", address);

    publish(1, address, "traceparent", SAMPLED);

    assertThat(recipient.awaitProperties()).containsExactly("traceparent=" + SAMPLED);
    awaitSpan(SpanKind.PRODUCER, "messages", address);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nonsense",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-" + TRACE + "-" + PARENT + "-00"
      })
  void shouldNotTraceWhatIsMalformedOrNotSampled(String traceparent) throws Exception {
    String address = "traced/not/" + traceparent;
    Recipient recipient = Recipient.of(1, "not-" + traceparent, address);

    publish(1, address, "traceparent", traceparent);

    assertThat(recipient.awaitProperties()).containsExactly("traceparent=" + traceparent);
    assertThat(headers(TopicCatalogue.MESSAGES, address)).isEmpty();
    assertNoSpan(address, recipient);
  }

  @Test
  void shouldBeginATraceInPlaceOfAMalformedOne() throws Exception {
    String address = "traced/new";
    Recipient recipient = Recipient.of(1, "new", address);

    publish(2, address, "traceparent", "nonsense", "traceparent", SAMPLED);

    SpanData sent = awaitSpan(SpanKind.PRODUCER, "messages", address);
    assertThat(sent.getTraceId()).isNotEqualTo(TRACE);
    assertThat(sent.getParentSpanContext().isValid()).isFalse();
    SpanData delivered = awaitSpan(SpanKind.CONSUMER, "deliveries.c1", address);
    assertThat(recipient.awaitProperties())
        .containsExactly(
            "traceparent=00-%s-%s-%s"
                .formatted(
                    sent.getTraceId(),
                    delivered.getSpanId(),
                    sent.getSpanContext().getTraceFlags().asHex()));
  }

  @Test
  void shouldTellThePublishersOwnContextToASessionThatWasAway() throws Exception {
    String address = "traced/away";
    Subscriber session = Clients.persistent(pipeline.port(1), "away", true);
    session.subscribe(address);
    session.disconnect();

    publish(1, address, "traceparent", SAMPLED);

    assertThat(Recipient.returning(1, "away").awaitProperties())
        .containsExactly("traceparent=" + SAMPLED);
  }

  @Test
  void shouldDeliverWithoutContextWhereItWouldMakeThePacketTooLarge() throws Exception {
    String address = "traced/small";
    // The packet is about 120 bytes, and 71 more with a traceparent.
    Recipient small = new Recipient(Clients.client(pipeline.port(1), "small"));
    Clients.await(
        small
            .client
            .connectWith()
            .restrictions()
            .maximumPacketSize(150)
            .applyRestrictions()
            .send());
    small.subscribe(address);

    publish(2, address, new byte[100]);

    awaitSpan(SpanKind.CONSUMER, "deliveries.c1", address);
    assertThat(small.awaitProperties()).isEmpty();
  }

  /** Spans end behind the delivery, and in the order of the deliveries. */
  private static void assertNoSpan(String address, Recipient recipient) throws Exception {
    recipient.subscribe(address + "/next");
    publish(1, address + "/next", "traceparent", SAMPLED);
    awaitSpan(SpanKind.CONSUMER, "deliveries.c1", address + "/next");
    assertThat(SPANS.getFinishedSpanItems()).noneMatch(span -> address.equals(key(span)));
  }

  private static SpanData awaitSpan(SpanKind kind, String topic, String address) {
    return await()
        .until(
            () ->
                SPANS.getFinishedSpanItems().stream()
                    .filter(span -> span.getKind() == kind && address.equals(key(span)))
                    .filter(span -> topic.equals(destination(span)))
                    .toList(),
            found -> found.size() == 1)
        .getFirst();
  }

  private static String key(SpanData span) {
    return span.getAttributes().get(AttributeKey.stringKey("messaging.kafka.message.key"));
  }

  private static String destination(SpanData span) {
    return span.getAttributes().get(AttributeKey.stringKey("messaging.destination.name"));
  }

  private static void publish(int connector, String address, String... namesAndValues)
      throws Exception {
    publish(connector, address, "hello".getBytes(StandardCharsets.UTF_8), namesAndValues);
  }

  private static void publish(
      int connector, String address, byte[] payload, String... namesAndValues) throws Exception {
    var properties = Mqtt5UserProperties.builder();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      properties = properties.add(namesAndValues[i], namesAndValues[i + 1]);
    }
    Mqtt5AsyncClient publisher = Clients.connect(pipeline.port(connector), "publisher-" + address);
    var result =
        Clients.await(
            publisher
                .publishWith()
                .topic(address)
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(payload)
                .userProperties(properties.build())
                .send());
    assertThat(result.getError()).isEmpty();
    Clients.await(publisher.disconnect());
  }

  /** The headers of the trace context, of the one record of {@code address} in {@code topic}. */
  private static List<String> headers(String topic, String address) {
    List<ConsumerRecord<String, byte[]>> found = new ArrayList<>();
    try (var consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", pipeline.bootstrapServers()),
            new StringDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(each -> new TopicPartition(topic, each.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (ends.entrySet().stream()
          .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        for (var record : consumer.poll(Duration.ofMillis(100))) {
          if (record.key().equals(address) && record.value() != null) {
            found.add(record);
          }
        }
      }
    }
    assertThat(found).hasSize(1);
    return StreamSupport.stream(found.getFirst().headers().spliterator(), false)
        .filter(header -> header.key().startsWith("trace"))
        .map(TracingTest::written)
        .toList();
  }

  private static String written(Header header) {
    return header.key() + "=" + new String(header.value(), StandardCharsets.UTF_8);
  }

  /** An MQTT 5 client that keeps what it gets. */
  private static final class Recipient {
    final Mqtt5AsyncClient client;
    final List<Mqtt5Publish> received = new CopyOnWriteArrayList<>();

    private Recipient(Mqtt5AsyncClient client) {
      this.client = client;
      client.publishes(MqttGlobalPublishFilter.ALL, received::add);
    }

    static Recipient of(int connector, String clientId, String address) throws Exception {
      Recipient recipient = new Recipient(Clients.connect(pipeline.port(connector), clientId));
      recipient.subscribe(address);
      return recipient;
    }

    void subscribe(String address) throws Exception {
      Clients.await(client.subscribeWith().topicFilter(address).qos(MqttQos.AT_LEAST_ONCE).send());
    }

    /** A persistent session comes back. */
    static Recipient returning(int connector, String clientId) throws Exception {
      Recipient recipient = new Recipient(Clients.client(pipeline.port(connector), clientId));
      Clients.await(
          recipient.client.connectWith().cleanStart(false).sessionExpiryInterval(60).send());
      return recipient;
    }

    /** The user properties of the first message, in order. */
    List<String> awaitProperties() {
      await().until(() -> !received.isEmpty());
      assertThat(received).hasSize(1);
      List<String> properties = new ArrayList<>();
      for (Mqtt5UserProperty each : received.getFirst().getUserProperties().asList()) {
        properties.add(each.getName() + "=" + each.getValue());
      }
      return properties;
    }
  }
}
