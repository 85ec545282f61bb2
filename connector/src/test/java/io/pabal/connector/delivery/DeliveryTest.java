// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.BinaryProperty;
import io.netty.handler.codec.mqtt.MqttProperties.MqttProperty;
import io.netty.handler.codec.mqtt.MqttProperties.StringPair;
import io.netty.handler.codec.mqtt.MqttProperties.StringProperty;
import io.netty.handler.codec.mqtt.MqttProperties.UserProperties;
import io.pabal.connector.fixture.Client;
import io.pabal.connector.fixture.Packet;
import io.pabal.connector.fixture.PlayedRouter;
import io.pabal.connector.tracing.TraceContext;
import io.pabal.schemas.Codecs;
import io.pabal.schemas.Message;
import io.pabal.schemas.MessageView;
import io.pabal.schemas.UserProperty;
import io.pabal.schemas.topic.Feeds;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Reads the written packets with Netty's decoder, which shares no code with the encoder. */
class DeliveryTest {

  private static final String ADDRESS = "방/하나";
  private static final long NOW_MILLIS = 1_000_000;

  private final FeedTable table = new FeedTable(new NoAnnouncer(), new Feeds(1, 2), 1);
  private final Feed address = table.acquire(ADDRESS);

  @ParameterizedTest
  @CsvSource({"0,true", "1,true", "0,false", "1,false"})
  void shouldWriteAPacketThatNettyDecodes(int qos, boolean mqtt5) {
    Message message = PlayedRouter.message(ADDRESS, "안녕").build();

    Packet packet = written(delivery(message), qos, mqtt5, 65_535);

    assertThat(packet.type()).isEqualTo(MqttMessageType.PUBLISH);
    assertThat(packet.topic()).isEqualTo(ADDRESS);
    assertThat(packet.payload()).isEqualTo("안녕");
    assertThat(packet.qos()).isEqualTo(qos);
    assertThat(packet.packetId()).isEqualTo(qos == 0 ? -1 : 65_535);
    assertThat(packet.properties().listAll()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void shouldCarryAllPropertiesToMqtt5(int qos) {
    Packet packet = written(delivery(withAllProperties()), qos, true, 7);

    MqttProperties properties = packet.properties();
    assertThat(packet.integer(MqttProperties.PAYLOAD_FORMAT_INDICATOR)).isEqualTo(1);
    assertThat(packet.integer(MqttProperties.PUBLICATION_EXPIRY_INTERVAL)).isEqualTo(60);
    assertThat(string(properties, MqttProperties.CONTENT_TYPE)).isEqualTo("text/plain; 글");
    assertThat(string(properties, MqttProperties.RESPONSE_TOPIC)).isEqualTo("replies/1");
    assertThat(properties.getProperty(MqttProperties.CORRELATION_DATA))
        .isInstanceOfSatisfying(
            BinaryProperty.class,
            binary -> assertThat(binary.value()).containsExactly(0, -1, 127, -128));
    assertThat(userProperties(properties))
        .containsExactly(
            new StringPair("b", "1"), new StringPair("a", "2"), new StringPair("b", "3"));
    assertThat(packet.payload()).isEqualTo("payload");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void shouldCarryNoPropertiesToMqtt311(int qos) {
    Packet packet = written(delivery(withAllProperties()), qos, false, 7);

    assertThat(packet.properties().listAll()).isEmpty();
    assertThat(packet.payload()).isEqualTo("payload");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 100, 118, 119, 120, 127, 128, 16_000, 16_383, 16_384, 300_000})
  void shouldWriteEveryLengthRight(int payloadLength) {
    Message message = PlayedRouter.message(ADDRESS, "x".repeat(payloadLength)).build();
    Delivery delivery = delivery(message);

    Packet packet = written(delivery, 1, true, 1);

    assertThat(packet.payload()).hasSize(payloadLength);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 120, 127, 128, 129, 16_384})
  void shouldWriteEveryLengthOfPropertiesRight(int valueLength) {
    Message message =
        PlayedRouter.message(ADDRESS, "p")
            .setUserProperties(List.of(new UserProperty("n", "v".repeat(valueLength))))
            .build();

    Packet packet = written(delivery(message), 1, true, 1);

    assertThat(userProperties(packet.properties()))
        .containsExactly(new StringPair("n", "v".repeat(valueLength)));
    assertThat(packet.payload()).isEqualTo("p");
  }

  @ParameterizedTest
  @CsvSource({"0,true", "1,true", "0,false", "1,false"})
  void shouldWriteALongNameWithoutPayload(int qos, boolean mqtt5) {
    Feed long255 = table.acquire("a".repeat(255));
    byte[] value = Codecs.MESSAGE.encode(PlayedRouter.message(long255.name(), "").build());
    Delivery delivery =
        new Delivery(long255, long255.name(), 1, MessageView.of(Codecs.MESSAGE, value), NOW_MILLIS);

    assertThat(written(delivery, qos, mqtt5, 1).topic()).isEqualTo(long255.name());
  }

  @Test
  void shouldGiveEachReceiverItsOwnPacketIdentifier() {
    Delivery delivery = delivery(PlayedRouter.message(ADDRESS, "p").build());

    assertThat(written(delivery, 1, true, 1).packetId()).isEqualTo(1);
    assertThat(written(delivery, 1, true, 256).packetId()).isEqualTo(256);
    assertThat(written(delivery, 1, false, 65_535).packetId()).isEqualTo(65_535);
  }

  @Test
  void shouldSendOneTraceContextToMqtt5() {
    Message message =
        PlayedRouter.message(ADDRESS, "p")
            .setUserProperties(
                List.of(
                    new UserProperty("traceparent", "the publisher's"),
                    new UserProperty("a", "1"),
                    new UserProperty("tracestate", "the publisher's"),
                    new UserProperty("traceparent", "the publisher's"),
                    new UserProperty("Traceparent", "of another name"),
                    new UserProperty("traceparents", "of another name"),
                    new UserProperty("b", "2")))
            .build();
    MessageView view = MessageView.of(Codecs.MESSAGE, Codecs.MESSAGE.encode(message));
    Delivery traced =
        new Delivery(address, address.name(), 1, view, NOW_MILLIS, new TraceContext("ours", null));

    assertThat(userProperties(written(traced, 1, true, 1).properties()))
        .containsExactly(
            new StringPair("a", "1"),
            new StringPair("Traceparent", "of another name"),
            new StringPair("traceparents", "of another name"),
            new StringPair("b", "2"),
            new StringPair("traceparent", "ours"));
    assertThat(written(traced, 1, false, 1).properties().listAll()).isEmpty();
    assertThat(userProperties(written(traced.untraced(), 1, true, 1).properties()))
        .hasSize(7)
        .isEqualTo(userProperties(written(delivery(message), 1, true, 1).properties()));
  }

  @Test
  void shouldReportTheLengthThatItWrites() {
    Delivery delivery = delivery(withAllProperties());
    for (boolean mqtt5 : new boolean[] {true, false}) {
      for (int qos : new int[] {0, 1}) {
        assertThat(bytes(delivery, qos, mqtt5, 1))
            .hasSize(delivery.packetBytes(qos, format(mqtt5)));
      }
    }
  }

  @Test
  void shouldWriteTheSameBytesEachTime() {
    Delivery delivery = delivery(withAllProperties());

    assertThat(bytes(delivery, 1, true, 5)).isEqualTo(bytes(delivery, 1, true, 5));
  }

  @Test
  void shouldSetTheDupFlag() {
    Message message = PlayedRouter.message(ADDRESS, "p").build();
    ByteBuf out = Unpooled.buffer();
    out.writeByte(42);

    delivery(message).writeTo(out, 1, PublishFormat.MQTT_5, 9, true);

    assertThat(out.readByte()).isEqualTo((byte) 42);
    assertThat(out.getByte(out.readerIndex())).isEqualTo((byte) 0x3A);
    assertThat(Client.decode(ByteBufUtil.getBytes(out), true).getFirst().packetId()).isEqualTo(9);
  }

  @Test
  void shouldExpireAtItsTime() {
    Message message =
        PlayedRouter.message(ADDRESS, "p")
            .setExpiresAt(Instant.ofEpochMilli(NOW_MILLIS + 1))
            .build();

    assertThat(delivery(message, NOW_MILLIS).isExpired()).isFalse();
    assertThat(delivery(message, NOW_MILLIS + 1).isExpired()).isTrue();
    assertThat(delivery(PlayedRouter.message(ADDRESS, "p").build()).isExpired()).isFalse();
  }

  @Test
  void shouldSendTheRemainingExpiryIntervalRoundedUp() {
    Message message =
        PlayedRouter.message(ADDRESS, "p")
            .setExpiresAt(Instant.ofEpochMilli(NOW_MILLIS + 1_001))
            .build();

    Packet packet = written(delivery(message), 1, true, 1);

    assertThat(packet.integer(MqttProperties.PUBLICATION_EXPIRY_INTERVAL)).isEqualTo(2);
  }

  private static Message withAllProperties() {
    return PlayedRouter.message(ADDRESS, "payload")
        .setUtf8Payload(true)
        .setExpiresAt(Instant.ofEpochMilli(NOW_MILLIS + 60_000))
        .setContentType("text/plain; 글")
        .setResponseTopic("replies/1")
        .setCorrelationData(ByteBuffer.wrap(new byte[] {0, -1, 127, -128}))
        .setUserProperties(
            List.of(
                new UserProperty("b", "1"), new UserProperty("a", "2"), new UserProperty("b", "3")))
        .build();
  }

  private Delivery delivery(Message message) {
    return delivery(message, NOW_MILLIS);
  }

  private Delivery delivery(Message message, long atMillis) {
    // Encoded and decoded again, as a message from Kafka is.
    byte[] value = Codecs.MESSAGE.encode(message);
    return new Delivery(
        address, address.name(), 1, MessageView.of(Codecs.MESSAGE, value), atMillis);
  }

  private static Packet written(Delivery delivery, int qos, boolean mqtt5, int packetId) {
    List<Packet> packets = Client.decode(bytes(delivery, qos, mqtt5, packetId), mqtt5);
    assertThat(packets).hasSize(1);
    return packets.getFirst();
  }

  private static byte[] bytes(Delivery delivery, int qos, boolean mqtt5, int packetId) {
    ByteBuf out = Unpooled.buffer();
    delivery.writeTo(out, qos, format(mqtt5), packetId, false);
    return ByteBufUtil.getBytes(out);
  }

  private static PublishFormat format(boolean mqtt5) {
    return mqtt5 ? PublishFormat.MQTT_5 : PublishFormat.MQTT_3_1_1;
  }

  private static String string(MqttProperties properties, int identifier) {
    return properties.getProperty(identifier) instanceof StringProperty property
        ? property.value()
        : "";
  }

  private static List<StringPair> userProperties(MqttProperties properties) {
    return properties.getProperties(MqttProperties.USER_PROPERTY).stream()
        .flatMap(DeliveryTest::pairs)
        .toList();
  }

  private static Stream<StringPair> pairs(MqttProperty<?> property) {
    return switch (property) {
      case UserProperties several -> several.value().stream();
      case MqttProperties.UserProperty one -> Stream.of(one.value());
      default -> throw new AssertionError(property.toString());
    };
  }

  static final class NoAnnouncer implements FeedTable.Announcer {
    @Override
    public void announce(Feed address) {}

    @Override
    public void announceAgain(Feed address) {}

    @Override
    public void withdraw(Feed address) {}
  }
}
