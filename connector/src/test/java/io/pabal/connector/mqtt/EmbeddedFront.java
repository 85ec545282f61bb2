// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.pabal.connector.ConnectorConfig;
import io.pabal.connector.ConnectorMetrics;
import io.pabal.connector.admission.Admission;
import io.pabal.connector.admission.AdmissionQueue;
import io.pabal.connector.checkpoint.CheckpointWriter;
import io.pabal.connector.delivery.Feed;
import io.pabal.connector.delivery.FeedTable;
import io.pabal.connector.drain.Redirection;
import io.pabal.connector.drain.ServerReferences;
import io.pabal.connector.fixture.Client;
import io.pabal.connector.fixture.Packet;
import io.pabal.connector.fixture.Servers;
import io.pabal.connector.fixture.TestLoop;
import io.pabal.connector.fixture.Wire;
import io.pabal.connector.ingress.AckQueue;
import io.pabal.connector.ingress.Ingress;
import io.pabal.connector.loop.DirectMemory;
import io.pabal.connector.loop.LoopContext;
import io.pabal.connector.loop.Mailbox;
import io.pabal.connector.session.ClaimGenerations;
import io.pabal.connector.session.SessionEvents;
import io.pabal.connector.session.SessionServices;
import io.pabal.connector.session.SessionTable;
import io.pabal.connector.session.TimelineReads;
import io.pabal.schemas.Codecs;
import io.pabal.schemas.SessionEvent;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The MQTT side of a connector on one event loop that the test runs itself: the listener's pipeline
 * on embedded channels, with real Kafka and real Redis. There is no router, so no subscription
 * becomes live by itself.
 */
final class EmbeddedFront implements AutoCloseable {

  static final int PACKET_BYTES_MAX = 2_048;
  static final int RECEIVE_MAX = 10;
  static final int CLIENT_ID_BYTES_MAX = 32;
  static final int ADDRESS_BYTES_MAX = 64;
  static final int SUBSCRIPTIONS_MAX = 40;
  static final int CONNECT_TIMEOUT_SECONDS = 10;
  static final int SUBSCRIBE_TIMEOUT_SECONDS = 30;
  static final int HELD_BYTES_MAX = 256 * 1024;
  static final int UNCONNECTED_MAX = 20;
  static final int QOS0_BUFFER_BYTES_MAX = 10_000;
  static final int QOS0_BUFFERS_BYTES_MAX = 15_000;
  static final int SESSION_EXPIRY_MAX_SECONDS = 86_400;

  private static final ConnectorConfig.Admission EVERYBODY =
      new ConnectorConfig.Admission(
          ConnectorConfig.InFlight.fixed(1_000_000), 1_000_000, Duration.ZERO);

  final TestLoop loop = new TestLoop();
  final ConnectorMetrics metrics = new ConnectorMetrics();
  final List<SessionEvent> events = new CopyOnWriteArrayList<>();
  final DirectMemory directMemory = new DirectMemory();
  final LoopContext context = new LoopContext(0, loop, directMemory);
  final FeedTable addresses = new FeedTable(new NoRouter(), Servers.TOPICS.feeds(), 1);
  final Ingress ingress;
  final HeldPackets.Budget held = new HeldPackets.Budget(HELD_BYTES_MAX);
  final Qos0Budget qos0Budget = new Qos0Budget(QOS0_BUFFERS_BYTES_MAX);
  final Admission admission;
  final SessionTable sessions;
  final ServerReferences references = new ServerReferences("front", null, Codecs.FIXED);
  final Redirection redirection = new Redirection(false, references);
  private final MqttServices services;
  private final List<Peer> peers = new ArrayList<>();
  boolean overloaded;

  /** The clock of the admission. */
  long nowNanos;

  /** The time that passes at each refusal: a second, so that the log line of each is written. */
  long refusalLogStepNanos = TimeUnit.SECONDS.toNanos(1);

  private long refusalLogNanos;

  /** Gets each event of a session. */
  Consumer<SessionEvent> onEvent = event -> {};

  /** Run when another connector is told that a session of its was claimed here. */
  Runnable onEvict = () -> {};

  /** Run when an address gets its first subscription. */
  Runnable onAnnounce = () -> {};

  /** Runs when a CONNECT is about to claim its session. */
  Runnable beforeClaim = () -> {};

  EmbeddedFront(Servers servers) {
    this(servers, true, Duration.ZERO, 32L << 20);
  }

  EmbeddedFront(Servers servers, ConnectorConfig.Admission admissionConfig) {
    this(servers, true, Duration.ZERO, 32L << 20, admissionConfig);
  }

  EmbeddedFront(Servers servers, boolean anonymous, Duration keepAliveMax, long appendBytesMax) {
    this(servers, anonymous, keepAliveMax, appendBytesMax, EVERYBODY);
  }

  private EmbeddedFront(
      Servers servers,
      boolean anonymous,
      Duration keepAliveMax,
      long appendBytesMax,
      ConnectorConfig.Admission admissionConfig) {
    var limits =
        new ConnectorConfig.Limits(
                PACKET_BYTES_MAX,
                RECEIVE_MAX,
                RECEIVE_MAX,
                CLIENT_ID_BYTES_MAX,
                ADDRESS_BYTES_MAX,
                SUBSCRIPTIONS_MAX,
                Duration.ofSeconds(CONNECT_TIMEOUT_SECONDS),
                keepAliveMax,
                Duration.ofSeconds(SESSION_EXPIRY_MAX_SECONDS),
                Duration.ofSeconds(SESSION_EXPIRY_MAX_SECONDS),
                Duration.ofSeconds(SUBSCRIBE_TIMEOUT_SECONDS),
                Duration.ofSeconds(1))
            .withSockets(
                new ConnectorConfig.Sockets(
                    QOS0_BUFFER_BYTES_MAX, QOS0_BUFFERS_BYTES_MAX, UNCONNECTED_MAX));
    ingress =
        new Ingress(
            servers.kafkaConfig(appendBytesMax), Codecs.MESSAGE, List.of(context), metrics, null);
    var sessionServices =
        new SessionServices(
            addresses,
            Codecs.MESSAGE,
            servers.cache().sessions(),
            new CheckpointWriter(
                servers.cache().sessions(), Duration.ofSeconds(1), 0, System::nanoTime),
            new ClaimGenerations(),
            new TimelineReads(servers.cache().timelines(), metrics),
            servers.history(),
            new SessionEvents(
                "front",
                1,
                event -> {
                  onEvent.accept(event);
                  events.add(event);
                }),
            limits,
            metrics);
    admission =
        new Admission(
            admissionConfig,
            () -> {
              beforeClaim.run();
              return overloaded;
            },
            metrics,
            () -> nowNanos);
    sessions =
        new SessionTable(
            "front", 1, sessionServices, (connectorId, clientId, epoch) -> onEvict.run());
    services =
        new MqttServices(
            context,
            new Mailbox<>(loop, AckQueue::settle),
            ingress,
            sessions,
            redirection,
            new AdmissionQueue(admission, loop),
            new Unconnected(limits.sockets().unconnectedMax()),
            held,
            qos0Budget,
            () -> overloaded,
            anonymous,
            limits,
            metrics,
            new RefusalLog(() -> refusalLogNanos += refusalLogStepNanos, task -> {}));
  }

  /** A new connection whose client has sent nothing yet. */
  Peer open() {
    Peer peer = new Peer();
    peers.add(peer);
    return peer;
  }

  /** A connection whose CONNECT was accepted. */
  Peer connected(byte[] connect) {
    Peer peer = open().send(connect);
    assertThat(peer.next(MqttMessageType.CONNACK).code()).isZero();
    return peer;
  }

  /** Closes all connections but {@code kept}. */
  void closeAllBut(@Nullable Peer kept) {
    peers.stream().filter(peer -> peer != kept).forEach(Peer::close);
    peers.removeIf(peer -> peer != kept);
    loop.runUntil(() -> sessions.size() <= (kept == null ? 0 : 1));
  }

  /** Advances the keep-alive wheel by {@code seconds}. */
  void ticks(int seconds) {
    for (int i = 0; i < seconds; i++) {
      context.keepAlive().tick();
      loop.run();
    }
  }

  @Override
  public void close() {
    peers.forEach(Peer::close);
    loop.runUntil(() -> sessions.size() == 0);
    ingress.close();
    loop.run();
  }

  /** The client's end of one embedded channel. */
  final class Peer {

    /** Bytes in the socket until it is read; null: none. Also null while the channel is created. */
    private byte @Nullable [] unread;

    private final EmbeddedChannel channel =
        new EmbeddedChannel(
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel initialized) {
                MqttListener.pipeline(initialized.pipeline(), services);
              }
            }) {
          @Override
          protected void doBeginRead() {
            byte[] bytes = unread;
            if (bytes != null) {
              unread = null;
              loop.execute(() -> pipeline().fireChannelRead(Unpooled.wrappedBuffer(bytes)));
            }
          }

          @Override
          protected void doWrite(ChannelOutboundBuffer written) throws Exception {
            if (!stuck) {
              super.doWrite(written);
            }
          }
        };

    /** The socket takes nothing. */
    private boolean stuck;

    private final Queue<Packet> received = new ArrayDeque<>();
    private boolean mqtt5;

    /**
     * Sends the bytes in one segment. When they begin with CONNECT, its protocol version decides
     * how replies are decoded.
     */
    Peer send(byte[]... packets) {
      byte[] all = Wire.concat(packets);
      if (all.length > 8 && all[0] == 0x10) {
        mqtt5 = all[8] == 5;
      }
      channel.writeInbound(Unpooled.wrappedBuffer(all));
      loop.run();
      return this;
    }

    /** The socket gives these bytes, and has more. */
    void read(ByteBuf bytes) {
      channel.pipeline().fireChannelRead(bytes);
    }

    /** Sends every byte in a segment of its own. */
    Peer sendByteByByte(byte[] bytes) {
      mqtt5 = (bytes.length > 8 && bytes[0] == 0x10) ? bytes[8] == 5 : mqtt5;
      for (byte each : bytes) {
        channel.writeInbound(Unpooled.wrappedBuffer(new byte[] {each}));
      }
      loop.run();
      return this;
    }

    /** The next packet, which has to be of this type. */
    Packet next(MqttMessageType type) {
      return nextOf(type);
    }

    /** The next packet, which has to be of one of these types. */
    Packet nextOf(MqttMessageType... types) {
      loop.runUntil(() -> !receive().isEmpty() || !channel.isOpen());
      Packet packet = receive().poll();
      assertThat(packet).as("a packet of type %s", List.of(types)).isNotNull();
      assertThat(packet.type()).as("%s", packet).isIn((Object[]) types);
      return packet;
    }

    /** All received packets that no call has taken yet. */
    Queue<Packet> receive() {
      loop.run();
      ByteBuf out = channel.readOutbound();
      while (out != null) {
        received.addAll(Client.decode(ByteBufUtil.getBytes(out), mqtt5));
        out.release();
        out = channel.readOutbound();
      }
      return received;
    }

    /** Waits until the connector has closed the connection. */
    void awaitClosed() {
      loop.runUntil(() -> !channel.isOpen());
    }

    boolean isOpen() {
      return channel.isOpen();
    }

    /** Whether something was flushed to the socket that was not received yet. */
    boolean hasOutput() {
      return !channel.outboundMessages().isEmpty();
    }

    /** Makes the socket full, so that it accepts no output, or writable again. */
    void full(boolean full) {
      channel.unsafe().outboundBuffer().setUserDefinedWritability(1, !full);
      channel.runPendingTasks();
      loop.run();
    }

    /** Whether the socket takes nothing of what is written to it, so that it waits. */
    void stuck(boolean nothing) {
      stuck = nothing;
      channel.flush();
      loop.run();
    }

    /** The socket takes the oldest write of those that wait. */
    void takeOne() {
      channel.unsafe().outboundBuffer().remove();
    }

    /** Sets the allocator of the connector's buffers for this socket. */
    void allocator(ByteBufAllocator allocator) {
      channel.config().setAllocator(allocator);
    }

    /** Makes the pipeline fail with {@code cause}. */
    void fail(Throwable cause) {
      channel.pipeline().fireExceptionCaught(cause);
      loop.run();
    }

    /** Puts bytes into the socket; they stay there until the connector asks for a read. */
    void leave(byte[] bytes) {
      unread = unread == null ? bytes : Wire.concat(unread, bytes);
    }

    boolean isUnread() {
      return unread != null;
    }

    boolean isReading() {
      return channel.config().isAutoRead();
    }

    /** Tells the connector that the socket is closed, without running the event loop. */
    void disconnect() {
      channel.pipeline().fireChannelInactive();
    }

    /** Closes the socket without DISCONNECT. */
    void close() {
      channel.finishAndReleaseAll();
      loop.run();
    }
  }

  /** Announces addresses to no router. */
  private final class NoRouter implements FeedTable.Announcer {
    @Override
    public void announce(Feed address) {
      onAnnounce.run();
    }

    @Override
    public void announceAgain(Feed address) {}

    @Override
    public void withdraw(Feed address) {}
  }
}
