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
import io.pabal.connector.admission.AdmissionQueue;
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

/**
 * The port that MQTT clients connect to. The pipeline of each client: the decoder, then its {@link
 * MqttConnection}.
 */
public final class MqttListener implements AutoCloseable {

  /**
   * A connection with more unsent output than the high mark gets no more output until its unsent
   * output is below the low mark; QoS 0 messages have a bound of their own beside it ({@link
   * Qos0Budget}).
   */
  private static final WriteBufferWaterMark WATER_MARK =
      new WriteBufferWaterMark(32 * 1024, 64 * 1024);

  /** Shared, because otherwise each channel would have an allocator of its own. */
  private static final RecvByteBufAllocator READ_BUFFERS =
      new AdaptiveRecvByteBufAllocator().maxMessagesPerRead(16);

  /** TCP keep-alive: the system probes a socket that had no traffic for this time. */
  static final int PROBE_AFTER_SECONDS = 300;

  private static final int PROBE_INTERVAL_SECONDS = 30;
  private static final int PROBES_MAX = 4;

  private static final int BACKLOG = 4096;
  private static final int CODEC_CLIENT_ID_MAX = 65_535;

  private final Channel channel;

  private MqttListener(Channel channel) {
    this.channel = channel;
  }

  /**
   * Opens the port. Blocks until it is bound.
   *
   * @param overloaded whether the backlog for Kafka is so large that no client may connect,
   *     subscribe or unsubscribe; called on event loops
   * @throws IllegalStateException when the port cannot be bound; the text says why
   */
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
              new AdmissionQueue(admission, loop.eventLoop()),
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
            .handler(new AcceptPace(loops.stream().map(LoopContext::eventLoop).toList()))
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
      // With the system's defaults it takes more than two hours to detect that a client's machine
      // is gone.
      bootstrap
          .childOption(EpollChannelOption.TCP_KEEPIDLE, PROBE_AFTER_SECONDS)
          .childOption(EpollChannelOption.TCP_KEEPINTVL, PROBE_INTERVAL_SECONDS)
          .childOption(EpollChannelOption.TCP_KEEPCNT, PROBES_MAX);
    }
  }

  /** Adds all handlers of one client's pipeline, in the order in which a packet passes them. */
  static void pipeline(ChannelPipeline pipeline, MqttServices services) {
    var decoder = new MqttDecoder(services.limits().packetBytesMax(), CODEC_CLIENT_ID_MAX);
    decoder.setCumulator(PacketCumulator.INSTANCE);
    pipeline.addLast("decoder", decoder);
    pipeline.addLast("connection", new MqttConnection(services, pipeline.channel()));
  }

  /** The address that clients connect to; with port 0 in the configuration, the port in use. */
  public SocketAddress address() {
    return channel.localAddress();
  }

  /** Closes the port. Existing connections stay open. Blocks until the port is closed. */
  @Override
  public void close() {
    channel.close().awaitUninterruptibly();
  }
}
