// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.load;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * An MQTT server that forwards each message to the one subscriber of its address, and does one
 * thing wrong. What it forwards to a session that can return it keeps until the PUBACK, and sends
 * again when the session returns (MQTT 5, 4.4): a message can be read before the end of a
 * connection that was closed earlier. On one event loop.
 */
final class FaultyServer implements AutoCloseable {

  /** What it does wrong, to one in ten messages of an address. */
  enum Fault {
    NONE,
    LOSE,
    REPEAT,
    SWAP_WITH_NEXT,
    SEND_TO_ANOTHER,
    DISCONNECT,
    REFUSE
  }

  private static final int EVERY = 10;
  private static final int REFUSED = 0x97;

  private final Fault fault;
  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final Map<String, Channel> subscribers = new HashMap<>();
  private final Map<String, String> kept = new HashMap<>();
  private final Map<String, Deque<ByteBuf>> unacknowledged = new HashMap<>();
  private final Map<String, Integer> counts = new HashMap<>();
  private final Map<String, ByteBuf> held = new HashMap<>();
  private final Channel listening;
  private int connects;

  FaultyServer(Fault fault) {
    this.fault = fault;
    this.listening =
        new ServerBootstrap()
            .group(group)
            .channel(NioServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel client) {
                    client
                        .pipeline()
                        .addLast(MqttEncoder.INSTANCE, new MqttDecoder(), new Client());
                  }
                })
            .bind(InetAddress.getLoopbackAddress(), 0)
            .syncUninterruptibly()
            .channel();
  }

  int port() {
    return ((InetSocketAddress) listening.localAddress()).getPort();
  }

  @Override
  public void close() {
    var _ = group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    held.values().forEach(ByteBuf::release);
    unacknowledged.values().forEach(each -> each.forEach(ByteBuf::release));
  }

  private final class Client extends SimpleChannelInboundHandler<MqttMessage> {

    private @Nullable String keptAs;

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, MqttMessage message) {
      switch (message.fixedHeader().messageType()) {
        case CONNECT -> connect(ctx, (MqttConnectMessage) message);
        case SUBSCRIBE -> {
          String address =
              ((MqttSubscribeMessage) message)
                  .payload()
                  .topicSubscriptions()
                  .getFirst()
                  .topicFilter();
          subscribers.put(address, ctx.channel());
          if (keptAs != null) {
            kept.put(keptAs, address);
          }
          var _ =
              ctx.writeAndFlush(
                  MqttMessageBuilders.subAck()
                      .packetId(1)
                      .addGrantedQos(MqttQoS.AT_LEAST_ONCE)
                      .build());
        }
        case PUBLISH -> publish(ctx, (MqttPublishMessage) message);
        case PUBACK -> {
          Deque<ByteBuf> sent = unacknowledged.get(kept.get(keptAs));
          if (sent != null) {
            sent.remove().release();
          }
        }
        case PINGREQ -> {
          var _ = ctx.writeAndFlush(MqttMessage.PINGRESP);
        }
        default -> {}
      }
    }

    /** Refuses every third, if that is its fault. */
    private void connect(ChannelHandlerContext ctx, MqttConnectMessage message) {
      connects++;
      boolean refuses = fault == Fault.REFUSE && connects % 3 == 0;
      String address = kept.get(message.payload().clientIdentifier());
      if (!message.variableHeader().isCleanSession()) {
        keptAs = message.payload().clientIdentifier();
      }
      var _ =
          ctx.writeAndFlush(
              MqttMessageBuilders.connAck()
                  .returnCode(MqttConnectReturnCode.valueOf((byte) (refuses ? REFUSED : 0)))
                  .sessionPresent(address != null)
                  .properties(MqttProperties.NO_PROPERTIES)
                  .build());
      if (address != null) {
        subscribers.put(address, ctx.channel());
        unacknowledged
            .getOrDefault(address, new ArrayDeque<>())
            .forEach(each -> send(ctx.channel(), address, each));
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      if (keptAs != null) {
        subscribers.values().remove(ctx.channel());
      }
    }

    private void publish(ChannelHandlerContext ctx, MqttPublishMessage message) {
      var _ =
          ctx.writeAndFlush(
              MqttMessageBuilders.pubAck().packetId(message.variableHeader().packetId()).build());
      String address = message.variableHeader().topicName();
      int count = counts.merge(address, 1, Integer::sum);
      ByteBuf payload = message.payload();
      if (count % EVERY != EVERY / 2) {
        forward(address, payload);
        ByteBuf late = held.remove(address);
        if (late != null) {
          forward(address, late);
          late.release();
        }
        return;
      }
      switch (fault) {
        case NONE, REFUSE -> forward(address, payload);
        case LOSE -> {}
        case REPEAT -> {
          forward(address, payload);
          forward(address, payload);
        }
        case SWAP_WITH_NEXT -> held.put(address, payload.retain());
        case SEND_TO_ANOTHER -> {
          forward(address, payload);
          subscribers.keySet().stream()
              .filter(each -> !each.equals(address))
              .findFirst()
              .ifPresent(other -> forward(other, payload));
        }
        case DISCONNECT -> {
          forward(address, payload);
          var _ = subscribers.values().iterator().next().close();
        }
      }
    }

    private void forward(String address, ByteBuf payload) {
      if (kept.containsValue(address)) {
        unacknowledged
            .computeIfAbsent(address, none -> new ArrayDeque<>())
            .add(payload.retainedDuplicate());
      }
      @Nullable Channel subscriber = subscribers.get(address);
      if (subscriber != null) {
        send(subscriber, address, payload);
      }
    }

    private void send(Channel subscriber, String address, ByteBuf payload) {
      var _ =
          subscriber.writeAndFlush(
              MqttMessageBuilders.publish()
                  .topicName(address)
                  .qos(MqttQoS.AT_LEAST_ONCE)
                  .messageId(1)
                  .properties(MqttProperties.NO_PROPERTIES)
                  .payload(payload.duplicate()) // which the builder retains
                  .build());
    }
  }
}
