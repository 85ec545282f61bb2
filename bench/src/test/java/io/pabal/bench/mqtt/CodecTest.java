// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.codec.mqtt.MqttVersion;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The client's own codec against Netty's. */
class CodecTest {

  private final List<String> read = new ArrayList<>();
  private final PacketListener listener = new Recorder();

  @ParameterizedTest
  @EnumSource
  void shouldWriteConnect(Protocol protocol) {
    ByteBuf out = Unpooled.buffer();
    PacketWriter.connect(out, protocol, "client", false, new SessionOptions(30, 3_600, 20));

    var connect = (MqttConnectMessage) decode(protocol, out);

    assertThat(connect.payload().clientIdentifier()).isEqualTo("client");
    assertThat(connect.variableHeader().version()).isEqualTo(protocol.level);
    assertThat(connect.variableHeader().isCleanSession()).isFalse();
    assertThat(connect.variableHeader().keepAliveTimeSeconds()).isEqualTo(30);
    var properties = connect.variableHeader().properties();
    if (protocol == Protocol.MQTT_5) {
      assertThat(properties.getProperty(MqttProperties.SESSION_EXPIRY_INTERVAL).value())
          .isEqualTo(3_600);
      assertThat(properties.getProperty(MqttProperties.RECEIVE_MAXIMUM).value()).isEqualTo(20);
    } else {
      assertThat(properties.isEmpty()).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource
  void shouldWriteSubscribe(Protocol protocol) {
    ByteBuf out = Unpooled.buffer();
    PacketWriter.subscribe(out, protocol, "a/b", 1);

    var subscribe = (MqttSubscribeMessage) decode(protocol, out);

    var subscription = subscribe.payload().topicSubscriptions().getFirst();
    assertThat(subscription.topicFilter()).isEqualTo("a/b");
    assertThat(subscription.option().qos()).isEqualTo(MqttQoS.AT_LEAST_ONCE);
  }

  @ParameterizedTest
  @ValueSource(ints = {Stamp.BYTES, 100, 1_000, 20_000})
  void shouldWritePublish(int payloadBytes) {
    for (Protocol protocol : Protocol.values()) {
      for (int qos = 0; qos < 2; qos++) {
        ByteBuf out = Unpooled.buffer();
        var template = new PublishTemplate(protocol, "a/b", qos, Stamp.BYTES, payloadBytes);
        template.begin(out, 77);
        Stamp.write(out, 3, 1L << 40, 123_456_789L);
        template.end(out);

        var publish = (MqttPublishMessage) decode(protocol, out);

        assertThat(publish.variableHeader().topicName()).isEqualTo("a/b");
        assertThat(publish.variableHeader().packetId()).isEqualTo(qos == 0 ? -1 : 77);
        ByteBuf payload = publish.payload();
        assertThat(payload.readableBytes()).isEqualTo(payloadBytes);
        assertThat(Stamp.stream(payload, 0)).isEqualTo(3);
        assertThat(Stamp.number(payload, 0)).isEqualTo(1L << 40);
        assertThat(Stamp.intendedNanos(payload, 0)).isEqualTo(123_456_789L);
        publish.release();
      }
    }
  }

  @Test
  void shouldWriteTheSmallPackets() {
    ByteBuf out = Unpooled.buffer();
    PacketWriter.pubAck(out, 0xfffe);
    PacketWriter.pingReq(out);
    PacketWriter.disconnect(out, Protocol.MQTT_3, true);
    PacketWriter.disconnect(out, Protocol.MQTT_5, true);

    assertThat(HexFormat.ofDelimiter(" ").formatHex(out.array(), 0, out.writerIndex()))
        .isEqualTo("40 02 ff fe c0 00 e0 00 e0 07 00 05 11 00 00 00 00");
  }

  @ParameterizedTest
  @EnumSource
  void shouldReadWhatServersSend(Protocol protocol) {
    ByteBuf in = server(protocol);

    PacketReader.read(in, protocol, listener);

    assertThat(read).isEqualTo(expected(protocol));
    assertThat(in.isReadable()).isFalse();
  }

  @ParameterizedTest
  @EnumSource
  void shouldReadWhatComesInPieces(Protocol protocol) {
    ByteBuf all = server(protocol);
    ByteBuf in = Unpooled.buffer();

    while (all.isReadable()) {
      in.writeByte(all.readByte());
      PacketReader.read(in, protocol, listener);
    }

    assertThat(read).isEqualTo(expected(protocol));
    assertThat(in.isReadable()).isFalse();
  }

  @Test
  void shouldFindReceiveMaximumBehindPropertiesOfAllKinds() {
    String properties =
        "24 01 25 01" // one byte each
            + " 13 00 3c" // two
            + " 11 00 00 00 0a" // four
            + " 12 00 01 78" // a text
            + " 26 00 01 6e 00 01 76" // two texts
            + " 0b 80 01" // a variable byte integer
            + " 21 00 14"; // Receive Maximum
    ByteBuf in =
        Unpooled.wrappedBuffer(HexFormat.ofDelimiter(" ").parseHex("20 20 01 00 1d " + properties));

    PacketReader.read(in, Protocol.MQTT_5, listener);

    assertThat(read).containsExactly("CONNACK true 0 20");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "50 02 00 01", // PUBREC
        "34 06 00 01 61 00 01 00", // PUBLISH at QoS 2
        "32 05 00 01 61 00 00", // packet identifier 0
        "30 03 00 09 61", // a topic longer than its packet
        "30 04 00 01 61 05", // properties longer than their packet
        "30 ff ff ff ff 01", // a length of five bytes
        "30 ff ff ff 7f", // 256 MiB
        "20 01 00", // half a CONNACK
        "90 03 00 01 00" // SUBACK of nothing
      })
  void shouldRefuseWhatIsMalformed(String bytes) {
    ByteBuf in = Unpooled.wrappedBuffer(HexFormat.ofDelimiter(" ").parseHex(bytes));

    assertThatThrownBy(() -> PacketReader.read(in, Protocol.MQTT_5, listener))
        .isInstanceOf(MalformedPacketException.class);
    assertThat(read).isEmpty();
  }

  private static ByteBuf server(Protocol protocol) {
    boolean five = protocol == Protocol.MQTT_5;
    MqttProperties connAck = new MqttProperties();
    MqttProperties publish = new MqttProperties();
    if (five) {
      connAck.add(
          new MqttProperties.StringProperty(MqttProperties.ASSIGNED_CLIENT_IDENTIFIER, "x"));
      connAck.add(new MqttProperties.UserProperty("name", "value"));
      connAck.add(new MqttProperties.IntegerProperty(MqttProperties.TOPIC_ALIAS_MAXIMUM, 10));
      connAck.add(new MqttProperties.IntegerProperty(MqttProperties.RECEIVE_MAXIMUM, 20));
      publish.add(new MqttProperties.UserProperty("name", "value"));
    }
    var codec = new EmbeddedChannel(MqttEncoder.INSTANCE);
    decoderOf(protocol, codec);
    codec.writeOutbound(
        MqttMessageBuilders.connAck()
            .sessionPresent(true)
            .returnCode(MqttConnectReturnCode.CONNECTION_ACCEPTED)
            .properties(connAck)
            .build(),
        MqttMessageBuilders.subAck().packetId(1).addGrantedQos(MqttQoS.AT_LEAST_ONCE).build(),
        MqttMessageBuilders.pubAck().packetId(0xfffe).build(),
        publish(MqttQoS.AT_MOST_ONCE, "zero", publish),
        publish(MqttQoS.AT_LEAST_ONCE, "one".repeat(100), publish),
        MqttMessage.PINGRESP);
    ByteBuf all = Unpooled.buffer();
    for (ByteBuf next = codec.readOutbound(); next != null; next = codec.readOutbound()) {
      all.writeBytes(next);
      next.release();
    }
    codec.finishAndReleaseAll();
    return all;
  }

  private static MqttPublishMessage publish(MqttQoS qos, String text, MqttProperties properties) {
    return MqttMessageBuilders.publish()
        .topicName("a/b")
        .qos(qos)
        .messageId(7)
        .properties(properties)
        .payload(Unpooled.copiedBuffer(text, StandardCharsets.UTF_8))
        .build();
  }

  private static List<String> expected(Protocol protocol) {
    return List.of(
        "CONNACK true 0 " + (protocol == Protocol.MQTT_5 ? 20 : 65_535),
        "SUBACK 1",
        "PUBACK 65534 0",
        "PUBLISH 0 zero",
        "PUBLISH 7 " + "one".repeat(100),
        "PINGRESP");
  }

  /** Netty's codec learns the version from a CONNECT that it decodes. */
  private static MqttConnectMessage decoderOf(Protocol protocol, EmbeddedChannel channel) {
    channel.pipeline().addFirst(new MqttDecoder(1 << 20));
    var client = new EmbeddedChannel(MqttEncoder.INSTANCE);
    client.writeOutbound(
        MqttMessageBuilders.connect()
            .protocolVersion(
                protocol == Protocol.MQTT_5 ? MqttVersion.MQTT_5 : MqttVersion.MQTT_3_1_1)
            .clientId("x")
            .build());
    ByteBuf connect = client.readOutbound();
    channel.writeInbound(connect);
    return channel.readInbound();
  }

  private static MqttMessage decode(Protocol protocol, ByteBuf packet) {
    var channel = new EmbeddedChannel();
    if (packet.getByte(0) >> 4 != PacketType.CONNECT) {
      decoderOf(protocol, channel);
    } else {
      channel.pipeline().addFirst(new MqttDecoder(1 << 20));
    }
    channel.writeInbound(packet);
    MqttMessage message = channel.readInbound();
    assertThat(message.decoderResult().isSuccess()).as("%s", message).isTrue();
    assertThat(channel.<MqttMessage>readInbound()).isNull();
    assertThat(message.fixedHeader().messageType()).isNotEqualTo(MqttMessageType.DISCONNECT);
    return message;
  }

  /** Writes down what was read. */
  private final class Recorder implements PacketListener {

    @Override
    public void connAck(boolean sessionPresent, int reasonCode, int receiveMaximum) {
      read.add("CONNACK " + sessionPresent + " " + reasonCode + " " + receiveMaximum);
    }

    @Override
    public void subAck(int reasonCode) {
      read.add("SUBACK " + reasonCode);
    }

    @Override
    public void pubAck(int packetId, int reasonCode) {
      read.add("PUBACK " + packetId + " " + reasonCode);
    }

    @Override
    public void publish(int packetId, ByteBuf in, int payloadIndex, int payloadBytes) {
      read.add(
          "PUBLISH "
              + packetId
              + " "
              + in.toString(payloadIndex, payloadBytes, StandardCharsets.UTF_8));
    }

    @Override
    public void pingResp() {
      read.add("PINGRESP");
    }

    @Override
    public void disconnect(int reasonCode) {
      read.add("DISCONNECT " + reasonCode);
    }
  }
}
