// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.client.local;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalServerChannel;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.util.ReferenceCountUtil;
import io.pabal.bench.process.Await;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Connections with both ends and the MQTT codec, but without Pabal. The difference between a
 * connector's cost and theirs is what Pabal adds. Each has carried a packet in both directions,
 * since Netty keeps more state from the first read on.
 */
public final class BarePairs implements AutoCloseable {

  private static final int PACKET_BYTES_MAX = 256 * 1024;
  private static final int CLIENT_ID_BYTES_MAX = 65_535;

  private final LocalLoop servers = new LocalLoop("bare-server");
  private final LocalLoop clients = new LocalLoop("bare-client");
  private final AtomicInteger ended = new AtomicInteger();
  private final List<ClientChannel> opened = new ArrayList<>();
  private @Nullable Channel server;
  private volatile @Nullable Throwable failure;

  /** Opens {@code count} connections. Blocks. */
  public static BarePairs open(int count) throws Exception {
    var pairs = new BarePairs();
    LocalAddress address = new LocalAddress("bare");
    Pong pong = pairs.new Pong();
    pairs.server =
        new ServerBootstrap()
            .group(pairs.servers.group())
            .channel(LocalServerChannel.class)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel client) {
                    client
                        .pipeline()
                        .addLast(new MqttDecoder(PACKET_BYTES_MAX, CLIENT_ID_BYTES_MAX), pong);
                  }
                })
            .bind(address)
            .sync()
            .channel();
    Ping shared = new Ping();
    for (int i = 0; i < count; i++) {
      ClientChannel channel = new ClientChannel(i);
      channel.pipeline().addLast(shared);
      pairs.opened.add(channel);
      channel.open(pairs.clients.loop(), address, failure -> pairs.failure = failure);
    }
    Await.until("bare connections", () -> pairs.allAnswered() || pairs.failure != null);
    if (pairs.failure != null) {
      throw new IllegalStateException("a bare connection failed: " + pairs.failure, pairs.failure);
    }
    return pairs;
  }

  /**
   * Whether all have answered; asks those again that have not. Among tens of thousands of local
   * channels that open at a time Netty leaves one unread now and then until more is written to it.
   */
  private boolean allAnswered() {
    boolean all = true;
    for (ClientChannel each : opened) {
      if (!each.answered) {
        all = false;
        if (each.isActive()) {
          var _ = each.writeAndFlush(Packets.pingReq());
        }
      }
    }
    return all;
  }

  @Override
  public void close() {
    // One by one: an event loop that ends does not free the channels' addresses.
    for (ClientChannel each : opened) {
      var _ = each.close();
    }
    try {
      Await.until("the end of bare connections", () -> ended.get() == opened.size());
    } catch (Exception e) {
      throw new IllegalStateException("bare connections do not end", e);
    }
    if (server != null) {
      server.close().awaitUninterruptibly();
    }
    clients.close();
    servers.close();
  }

  @Sharable
  private static final class Ping extends ChannelInboundHandlerAdapter {
    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      var _ = ctx.writeAndFlush(Packets.pingReq());
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object packet) {
      ReferenceCountUtil.release(packet);
      ((ClientChannel) ctx.channel()).answered = true;
    }
  }

  @Sharable
  private final class Pong extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object packet) throws Exception {
      ReferenceCountUtil.release(packet);
      // As the connector does it: the encoder has no place in the pipeline.
      MqttEncoder.INSTANCE.write(ctx, MqttMessage.PINGRESP, ctx.voidPromise());
      ctx.flush();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      ended.incrementAndGet();
    }
  }
}
