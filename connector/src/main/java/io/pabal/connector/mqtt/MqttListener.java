// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.mqtt;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.pabal.connector.ConnectorConfig;
import io.pabal.connector.ConnectorMetrics;
import io.pabal.connector.admission.Admission;
import io.pabal.connector.admission.WaitingRoom;
import io.pabal.connector.drain.Redirection;
import io.pabal.connector.ingress.AckQueue;
import io.pabal.connector.ingress.Append;
import io.pabal.connector.ingress.Ingress;
import io.pabal.connector.loop.LoopContext;
import io.pabal.connector.loop.Mailbox;
import io.pabal.connector.session.SessionTable;
import java.net.SocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;

/** The port that MQTT clients connect to. Its pipeline: decoder, connection. */
public final class MqttListener implements AutoCloseable {

  /**
   * A socket that holds this much unsent output gets nothing more until it is down to the lower
   * mark.
   */
  private static final WriteBufferWaterMark WATER_MARK =
      new WriteBufferWaterMark(32 * 1024, 64 * 1024);

  /** Shared, since each channel would otherwise keep one of its own. */
  private static final RecvByteBufAllocator READ_BUFFERS =
      new AdaptiveRecvByteBufAllocator().maxMessagesPerRead(16);

  /** TCP keep-alive: a socket without traffic for so long is probed. */
  static final int PROBE_AFTER_SECONDS = 300;

  private static final int PROBE_INTERVAL_SECONDS = 30;
  private static final int PROBES_MAX = 4;

  private static final int BACKLOG = 4096;
  private static final int CODEC_CLIENT_ID_MAX = 65_535;

  private final Channel channel;

  private MqttListener(Channel channel) {
    this.channel = channel;
  }

  /** Opens the port. Blocks; throws with a clear text when it cannot be bound. */
  public static MqttListener open(
      ConnectorConfig config,
      Transport transport,
      EventLoopGroup acceptor,
      EventLoopGroup workers,
      List<LoopContext> loops,
      Ingress ingress,
      SessionTable sessions,
      Redirection redirection,
      Admission admission,
      BooleanSupplier overloaded,
      ConnectorMetrics metrics)
      throws InterruptedException {
    RefusalLog refusalLog = new RefusalLog();
    var sockets = config.limits().sockets();
    int unconnectedMax = Math.ceilDiv(sockets.unconnectedMax(), loops.size());
    var qos0Budget = new Qos0Budget(sockets.qos0BuffersBytesMax());
    Map<EventLoop, MqttServices> servicesByLoop = new HashMap<>();
    for (LoopContext loop : loops) {
      Mailbox<Append> appended = new Mailbox<>(loop.eventLoop(), AckQueue::settle);
      servicesByLoop.put(
          loop.eventLoop(),
          new MqttServices(
              loop,
              appended,
              ingress,
              sessions,
              redirection,
              new WaitingRoom(admission, loop.eventLoop()),
              new Unconnected(unconnectedMax),
              new HeldPackets.Budget(HeldPackets.Budget.BYTES_MAX),
              qos0Budget,
              overloaded,
              config.listener().anonymous(),
              config.limits(),
              metrics,
              refusalLog));
    }
    var bootstrap =
        new ServerBootstrap()
            .group(acceptor, workers)
            .channel(transport.serverChannel())
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel client) {
                    var services = Objects.requireNonNull(servicesByLoop.get(client.eventLoop()));
                    pipeline(client.pipeline(), services);
                  }
                });
    options(bootstrap, transport);
    var bound = bootstrap.bind(transport.address(config)).await();
    if (!bound.isSuccess()) {
      throw new IllegalStateException(
          "listener.port: %d on %s cannot be bound: %s. Choose another port, or end the process that has it."
              .formatted(
                  config.listener().port(), config.listener().host(), bound.cause().getMessage()),
          bound.cause());
    }
    return new MqttListener(bound.channel());
  }

  /** The options of listening and accepted sockets. */
  static void options(ServerBootstrap bootstrap, Transport transport) {
    bootstrap
        .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
        .childOption(ChannelOption.RECVBUF_ALLOCATOR, READ_BUFFERS);
    if (transport.isTcp()) {
      bootstrap
          .option(ChannelOption.SO_BACKLOG, BACKLOG)
          .option(ChannelOption.SO_REUSEADDR, true)
          .childOption(ChannelOption.TCP_NODELAY, true)
          .childOption(ChannelOption.SO_KEEPALIVE, true);
    }
    if (transport == Transport.EPOLL) {
      // The system's defaults find a client whose machine is gone after two hours and more.
      bootstrap
          .childOption(EpollChannelOption.TCP_KEEPIDLE, PROBE_AFTER_SECONDS)
          .childOption(EpollChannelOption.TCP_KEEPINTVL, PROBE_INTERVAL_SECONDS)
          .childOption(EpollChannelOption.TCP_KEEPCNT, PROBES_MAX);
    }
  }

  /** The whole pipeline of one client, in the order in which a packet meets it. */
  static void pipeline(ChannelPipeline pipeline, MqttServices services) {
    pipeline.addLast(
        "decoder", new MqttDecoder(services.limits().packetBytesMax(), CODEC_CLIENT_ID_MAX));
    pipeline.addLast("connection", new MqttConnection(services, pipeline.channel()));
  }

  /** Where clients connect. */
  public SocketAddress address() {
    return channel.localAddress();
  }

  /** Stops taking new connections; those that exist go on. */
  @Override
  public void close() {
    channel.close().awaitUninterruptibly();
  }
}
