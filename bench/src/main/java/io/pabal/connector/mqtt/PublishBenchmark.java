// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.mqtt;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttVersion;
import io.netty.util.ReferenceCountUtil;
import io.pabal.connector.ConnectorConfig;
import io.pabal.connector.ConnectorMetrics;
import io.pabal.connector.ingress.AckQueue;
import io.pabal.connector.ingress.AppendRefusedException;
import io.pabal.connector.ingress.Ingress;
import io.pabal.connector.ingress.Publisher;
import io.pabal.connector.loop.Mailbox;
import io.pabal.connector.session.SessionProfile;
import io.pabal.schemas.Codecs;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * A PUBLISH at QoS 1 with 100 bytes of payload: from the bytes of the packet to the record handed
 * to Kafka's producer, and from its acknowledgement to the PUBACK that may leave. The producer
 * itself is left out.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@SuppressWarnings("NullAway.Init") // prepare() comes first
public class PublishBenchmark {

  private static final int PAYLOAD_BYTES = 100;
  private static final int PACKET_BYTES_MAX = 1 << 20;

  /** None, or an expiry, a content type and two user properties. */
  @Param({"false", "true"})
  public boolean properties;

  private final SessionProfile profile =
      new SessionProfile("phone-4711", "alice", true, true, 0, 100);
  private final DiscardingProducer producer = new DiscardingProducer();
  private EmbeddedChannel channel;
  private ByteBuf packet;
  private Ingress ingress;
  private AckQueue acks;
  private int acknowledged;

  /** Connects and makes the packet. */
  @Setup
  public void prepare() {
    channel = new EmbeddedChannel(new MqttDecoder(PACKET_BYTES_MAX));
    // Only a CONNECT tells the decoder the version.
    channel.writeInbound(
        encoded(
            MqttMessageBuilders.connect()
                .protocolVersion(MqttVersion.MQTT_5)
                .clientId(profile.clientId())
                .build()));
    ReferenceCountUtil.release(channel.readInbound());
    packet =
        encoded(
            MqttMessageBuilders.publish()
                .topicName("rooms/4711")
                .qos(MqttQoS.AT_LEAST_ONCE)
                .messageId(7)
                .properties(properties ? someProperties() : MqttProperties.NO_PROPERTIES)
                .payload(Unpooled.wrappedBuffer(new byte[PAYLOAD_BYTES]))
                .build());
    ingress =
        new Ingress(
            ConnectorConfig.Kafka.defaults("none"),
            Codecs.MESSAGE,
            List.of(),
            new ConnectorMetrics(),
            null,
            () -> producer);
    acks =
        new AckQueue(
            new Mailbox<>(Runnable::run, AckQueue::settle),
            new Publisher() {
              @Override
              public void acknowledge(int packetId) {
                acknowledged++;
              }

              @Override
              public void appendFailed(Exception cause) {
                throw new IllegalStateException(cause);
              }

              @Override
              public void refuse(int packetId, AppendRefusedException refusal) {
                throw new IllegalStateException(refusal);
              }

              @Override
              public boolean outlivesRefusal() {
                return true;
              }

              @Override
              public void failed(Throwable cause) {
                throw new IllegalStateException(cause);
              }
            });
  }

  /** The whole way. */
  @Benchmark
  public int publish() {
    MqttPublishMessage decoded = decode();
    PublishHandler.append(ingress, profile, decoded, acks);
    decoded.release();
    return acknowledged;
  }

  /** Netty's share: bytes to packet. */
  @Benchmark
  public int decodeOnly() {
    MqttPublishMessage decoded = decode();
    int bytes = decoded.payload().readableBytes();
    decoded.release();
    return bytes;
  }

  private MqttPublishMessage decode() {
    channel.writeInbound(packet.retainedDuplicate());
    return Objects.requireNonNull(channel.readInbound());
  }

  private static MqttProperties someProperties() {
    MqttProperties some = new MqttProperties();
    some.add(new MqttProperties.IntegerProperty(MqttProperties.PUBLICATION_EXPIRY_INTERVAL, 3_600));
    some.add(new MqttProperties.StringProperty(MqttProperties.CONTENT_TYPE, "application/json"));
    some.add(new MqttProperties.UserProperty("trace", "8f14e45fceea167a"));
    some.add(new MqttProperties.UserProperty("device", "phone"));
    return some;
  }

  private static ByteBuf encoded(MqttMessage message) {
    EmbeddedChannel encoder = new EmbeddedChannel(MqttEncoder.INSTANCE);
    encoder.writeOutbound(
        MqttMessageBuilders.connect().protocolVersion(MqttVersion.MQTT_5).clientId("any").build());
    ReferenceCountUtil.release(encoder.readOutbound());
    encoder.writeOutbound(message);
    return Objects.requireNonNull(encoder.readOutbound());
  }
}
