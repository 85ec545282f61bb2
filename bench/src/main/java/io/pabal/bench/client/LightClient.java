// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.client;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.mqtt.MqttConnAckMessage;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttReasonCodeAndPropertiesVariableHeader;
import io.netty.handler.codec.mqtt.MqttSubAckMessage;
import io.netty.handler.codec.mqtt.MqttVersion;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One of many: a persistent session of MQTT 5 that subscribes to one address, acknowledges what it
 * gets, and comes again with a growing pause when it is refused. Its state is used on its event
 * loop only.
 */
public final class LightClient extends SimpleChannelInboundHandler<MqttMessage> {

  private static final int PACKET_BYTES_MAX = 64 * 1024;
  private static final int SESSION_EXPIRY_SECONDS = 3_600;
  private static final long PAUSE_MILLIS_MIN = 100;
  private static final long PAUSE_MILLIS_MAX = 5_000;
  private static final int REASON_CODE_ERROR_MIN = 0x80;
  private static final int NO_REASON = -1;

  /** Hears what happens; called on the client's event loop. */
  public interface Listener {
    /** A CONNACK, with its reason code. */
    default void answered(LightClient client, int code, boolean sessionPresent) {}

    /** A SUBACK that granted the subscription. */
    default void subscribed(LightClient client) {}

    /** What must not be: a subscription that was refused. */
    default void failed(LightClient client, String what) {}

    /** A PUBLISH, which is acknowledged already. */
    default void received(LightClient client, String text) {}

    /** A PUBACK. */
    default void acknowledged(LightClient client) {}

    /** A connection that was let in is over; {@code reason} is that of DISCONNECT, or -1. */
    default void closed(LightClient client, int reason) {}
  }

  /** The client identifier. */
  public final String clientId;

  /** What it subscribes to. */
  public final String address;

  private final Listener listener;
  private Bootstrap bootstrap = new Bootstrap();
  private volatile @Nullable Channel channel;
  private boolean subscribes;
  private boolean accepted;
  private int disconnectReason = NO_REASON;
  private volatile boolean leaving;
  private long pauseMillis = PAUSE_MILLIS_MIN;

  /** A client that is not connected yet. */
  public LightClient(String clientId, String address, Listener listener) {
    this.clientId = clientId;
    this.address = address;
    this.listener = listener;
  }

  @Override
  public boolean isSharable() {
    return true;
  }

  /** Connects, again and again until it is let in, and subscribes if that is wanted. */
  public void connect(EventLoopGroup loops, int port, boolean andSubscribe) {
    subscribes = andSubscribe;
    leaving = false;
    pauseMillis = PAUSE_MILLIS_MIN;
    bootstrap =
        new Bootstrap()
            .group(loops)
            .channel(NioSocketChannel.class)
            .remoteAddress("127.0.0.1", port)
            .handler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel socket) {
                    socket
                        .pipeline()
                        .addLast(
                            MqttEncoder.INSTANCE,
                            new MqttDecoder(PACKET_BYTES_MAX),
                            LightClient.this);
                  }
                });
    attempt();
  }

  /** Publishes at QoS 1. */
  public void publish(int packetId, String topic, String text) {
    var _ =
        Objects.requireNonNull(channel)
            .writeAndFlush(
                MqttMessageBuilders.publish()
                    .topicName(topic)
                    .qos(MqttQoS.AT_LEAST_ONCE)
                    .messageId(packetId)
                    .properties(MqttProperties.NO_PROPERTIES)
                    .payload(Unpooled.copiedBuffer(text, StandardCharsets.UTF_8))
                    .build());
  }

  /** Closes the socket; returns before it is closed. */
  public void close() {
    leaving = true;
    Channel present = channel;
    if (present != null) {
      var _ = present.close();
    }
  }

  /** Who it is and how it stands; for a report, since it reads what belongs to the event loop. */
  @Override
  public String toString() {
    return clientId + (accepted ? " (let in)" : " (not let in)") + " " + channel;
  }

  private void attempt() {
    ChannelFuture connecting = bootstrap.connect();
    channel = connecting.channel();
    connecting.addListener(
        done -> {
          if (!done.isSuccess()) {
            later(connecting.channel());
          }
        });
  }

  private void later(Channel failed) {
    long pause = ThreadLocalRandom.current().nextLong(pauseMillis / 2, pauseMillis + 1);
    pauseMillis = Math.min(PAUSE_MILLIS_MAX, pauseMillis * 2);
    var _ = failed.eventLoop().schedule(this::attempt, pause, TimeUnit.MILLISECONDS);
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    MqttProperties properties = new MqttProperties();
    properties.add(
        new MqttProperties.IntegerProperty(
            MqttProperties.SESSION_EXPIRY_INTERVAL, SESSION_EXPIRY_SECONDS));
    var _ =
        ctx.writeAndFlush(
            MqttMessageBuilders.connect()
                .protocolVersion(MqttVersion.MQTT_5)
                .clientId(clientId)
                .cleanSession(false)
                .keepAlive(0)
                .properties(properties)
                .build());
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, MqttMessage message) {
    switch (message.fixedHeader().messageType()) {
      case CONNACK -> connAck(ctx, (MqttConnAckMessage) message);
      case SUBACK -> subAck((MqttSubAckMessage) message);
      case PUBACK -> listener.acknowledged(this);
      case PUBLISH -> publish(ctx, (MqttPublishMessage) message);
      case DISCONNECT ->
          disconnectReason =
              message.variableHeader() instanceof MqttReasonCodeAndPropertiesVariableHeader header
                  ? header.reasonCode() & 0xff
                  : 0;
      default -> {}
    }
  }

  private void subAck(MqttSubAckMessage message) {
    int code = message.payload().reasonCodes().getFirst();
    if (code < REASON_CODE_ERROR_MIN) {
      listener.subscribed(this);
    } else {
      listener.failed(this, "SUBACK " + code);
    }
  }

  private void connAck(ChannelHandlerContext ctx, MqttConnAckMessage message) {
    int code = message.variableHeader().connectReturnCode().byteValue() & 0xff;
    accepted = code == 0;
    disconnectReason = NO_REASON;
    listener.answered(this, code, message.variableHeader().isSessionPresent());
    if (code != 0) {
      var _ = ctx.close();
    } else if (subscribes) {
      var _ =
          ctx.writeAndFlush(
              MqttMessageBuilders.subscribe()
                  .messageId(1)
                  .addSubscription(MqttQoS.AT_LEAST_ONCE, address)
                  .properties(MqttProperties.NO_PROPERTIES)
                  .build());
    }
  }

  private void publish(ChannelHandlerContext ctx, MqttPublishMessage message) {
    int packetId = message.variableHeader().packetId();
    String text = message.payload().toString(StandardCharsets.UTF_8);
    if (packetId > 0) {
      var _ = ctx.writeAndFlush(MqttMessageBuilders.pubAck().packetId(packetId).build());
    }
    listener.received(this, text);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (accepted) {
      accepted = false;
      listener.closed(this, disconnectReason);
    } else if (!leaving) {
      // Refused, or its server ended before it answered.
      later(ctx.channel());
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    var _ = ctx.close();
  }
}
