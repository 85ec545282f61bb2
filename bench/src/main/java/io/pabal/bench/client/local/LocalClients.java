// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.client.local;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.local.LocalAddress;
import io.pabal.bench.client.Latencies;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Very many MQTT 5 clients in the connector's own JVM, each subscribed to an address of its own,
 * and one that publishes to some of them. One handler and one event loop serve all of them. Their
 * state is in arrays, so a client costs its channel and little else.
 *
 * <p>At most {@code window} clients connect at a time. Each sends a PINGREQ once per Keep Alive, at
 * a moment of its own, so the PINGREQs are spread evenly over the Keep Alive.
 */
@Sharable
public final class LocalClients extends ChannelInboundHandlerAdapter {

  private static final int TICK_MILLIS = 20;
  private static final int PUBLISH_MILLIS = 2;
  private static final int UNACKNOWLEDGED_MAX = 1_000;
  private static final int SAMPLES_MAX = 1_000_000;
  private static final int VIOLATIONS_MAX = 100;
  private static final int PACKET_IDS = 65_535;
  private static final int ERROR_MIN = 0x80;
  private static final long PAUSE_MILLIS_MIN = 50;
  private static final long PAUSE_MILLIS_MAX = 500;

  /**
   * Who the clients are.
   *
   * @param sessions how many
   * @param window how many may be on their way in at a time
   * @param keepAliveSeconds of each, at least 1
   * @param expirySeconds how long each session is to be kept; 0: not at all
   * @param probed every {@code probed}-th client is sent messages
   * @param messagesPerSecond over all of these, in turn
   */
  public record Plan(
      int sessions,
      int window,
      int keepAliveSeconds,
      int expirySeconds,
      int probed,
      int messagesPerSecond) {}

  /** What must not be: refused subscriptions, connections that ended, messages out of order. */
  public final List<String> violations = new CopyOnWriteArrayList<>();

  private final Plan plan;
  private final LocalAddress server;
  private final EventLoop loop = new LocalLoop("clients").loop();
  private final @Nullable ClientChannel[] channels;
  private final BitSet subscribed;
  private final int[] expected;
  private final long[] latencies = new long[SAMPLES_MAX];
  private final ArrayDeque<Integer> refused = new ArrayDeque<>();
  private final AtomicInteger live = new AtomicInteger();
  private final AtomicInteger turnedAway = new AtomicInteger();
  private final AtomicInteger disconnected = new AtomicInteger();
  private final AtomicLong pings = new AtomicLong();
  private final AtomicLong pongs = new AtomicLong();
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong received = new AtomicLong();
  private volatile boolean publisherReady;

  /** As many clients as are wanted now. */
  private int wanted;

  private int begun;
  private int onTheirWay;
  private long acknowledged;
  private long pingTicks;
  private boolean probing;
  private long probingSinceNanos;
  private long probesBefore;
  private final long startedNanos = System.nanoTime();

  private LocalClients(Plan plan, String connectorId) {
    this.plan = plan;
    this.server = new LocalAddress(connectorId);
    this.channels = new @Nullable ClientChannel[plan.sessions + 1];
    this.subscribed = new BitSet(plan.sessions);
    this.expected = new int[probeCount()];
  }

  /** Connects the publisher, and nobody else yet. */
  public static LocalClients start(Plan plan, String connectorId) {
    var clients = new LocalClients(plan, connectorId);
    clients.loop.execute(() -> clients.open(clients.publisher()));
    var _ =
        clients.loop.scheduleWithFixedDelay(
            clients::ping, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    var _ =
        clients.loop.scheduleWithFixedDelay(
            clients::publishDue, PUBLISH_MILLIS, PUBLISH_MILLIS, TimeUnit.MILLISECONDS);
    return clients;
  }

  /** Whether the publisher may publish. */
  public boolean isReady() {
    return publisherReady;
  }

  /** Has clients connect and subscribe until {@code count} are there. Returns at once. */
  public void want(int count) {
    loop.execute(
        () -> {
          wanted = Math.min(count, plan.sessions);
          openMore();
        });
  }

  /** Begins to publish. */
  public void probe() {
    loop.execute(
        () -> {
          probing = true;
          probingSinceNanos = System.nanoTime();
          probesBefore = sent.get();
        });
  }

  /** Publishes no more. */
  public void stopProbing() {
    loop.execute(() -> probing = false);
  }

  /** Clients whose subscription is live. */
  public int live() {
    return live.get();
  }

  /** CONNECT packets that were answered: later. */
  public int turnedAway() {
    return turnedAway.get();
  }

  /** Connections that ended though nobody wanted that. */
  public int disconnected() {
    return disconnected.get();
  }

  /** PINGREQ packets sent. */
  public long pings() {
    return pings.get();
  }

  /** PINGREQ packets without an answer. */
  public long unanswered() {
    return pings.get() - pongs.get();
  }

  /** Messages published. */
  public long sent() {
    return sent.get();
  }

  /** Messages received, each once and in order. */
  public long received() {
    return received.get();
  }

  /** Latencies of the newest {@value #SAMPLES_MAX} messages; to be read after publishing. */
  public Latencies latencies() {
    return Latencies.of(latencies, (int) Math.min(received.get(), SAMPLES_MAX));
  }

  private int publisher() {
    return plan.sessions;
  }

  private int probeCount() {
    return Math.max(1, plan.sessions / plan.probed);
  }

  private String address(int number) {
    return "held/" + number;
  }

  // ---- coming in

  private void openMore() {
    while (onTheirWay < plan.window && (!refused.isEmpty() || begun < wanted)) {
      Integer again = refused.poll();
      onTheirWay++;
      open(again == null ? begun++ : again);
    }
  }

  private void open(int number) {
    ClientChannel channel = new ClientChannel(number);
    channels[number] = channel;
    channel.pipeline().addLast(this);
    channel.open(
        loop,
        server,
        failure -> violation("client %d did not connect: %s".formatted(number, failure)));
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    String clientId = "held-" + number(ctx);
    int expirySeconds = number(ctx) == publisher() ? 0 : plan.expirySeconds;
    send(ctx, Packets.connect(clientId, plan.keepAliveSeconds, expirySeconds));
  }

  private void connAck(ChannelHandlerContext ctx, int code) {
    int number = number(ctx);
    if (code != 0) {
      turnedAway.incrementAndGet();
      channels[number] = null;
      long pause = ThreadLocalRandom.current().nextLong(PAUSE_MILLIS_MIN, PAUSE_MILLIS_MAX);
      var _ = loop.schedule(() -> again(number), pause, TimeUnit.MILLISECONDS);
    } else if (number == publisher()) {
      publisherReady = true;
    } else {
      send(ctx, Packets.subscribe(address(number)));
    }
  }

  private void again(int number) {
    if (number == publisher()) {
      open(number);
    } else {
      onTheirWay--;
      refused.add(number);
      openMore();
    }
  }

  private void subAck(ChannelHandlerContext ctx, int code) {
    int number = number(ctx);
    onTheirWay--;
    if (code >= ERROR_MIN) {
      violation("client %d got SUBACK %d".formatted(number, code));
    } else {
      subscribed.set(number);
      live.incrementAndGet();
    }
    openMore();
  }

  // ---- being there

  /** Client n pings at the n-th tick of each Keep Alive, counted around. */
  private void ping() {
    int slots = plan.keepAliveSeconds * 1_000 / TICK_MILLIS;
    long due = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedNanos) / TICK_MILLIS;
    for (; pingTicks < due; pingTicks++) {
      for (int i = (int) (pingTicks % slots); i <= publisher(); i += slots) {
        ClientChannel channel = channels[i];
        if (channel != null && (i == publisher() ? publisherReady : subscribed.get(i))) {
          pings.incrementAndGet();
          send(channel, Packets.pingReq());
        }
      }
    }
  }

  private void publishDue() {
    ClientChannel channel = channels[publisher()];
    if (!probing || channel == null) {
      return;
    }
    long nowNanos = System.nanoTime();
    double seconds = (nowNanos - probingSinceNanos) / 1e9;
    long due = probesBefore + (long) (seconds * plan.messagesPerSecond);
    for (long number = sent.get();
        number < due && number - acknowledged < UNACKNOWLEDGED_MAX;
        number++) {
      int probe = (int) (number % probeCount());
      sent.incrementAndGet();
      send(
          channel,
          Packets.publish(
              (int) (number % PACKET_IDS) + 1,
              address(probe * plan.probed),
              number / probeCount(),
              System.nanoTime()));
    }
  }

  private void publish(ChannelHandlerContext ctx, ByteBuf packet) {
    packet.skipBytes(packet.readUnsignedShort());
    int packetId = packet.readUnsignedShort();
    packet.skipBytes(packet.readUnsignedByte());
    long order = packet.readLong();
    long latencyNanos = System.nanoTime() - packet.readLong();
    send(ctx, Packets.pubAck(packetId));
    int probe = number(ctx) / plan.probed;
    if (expected[probe] != order) {
      violation(
          "client %d got message %d (expected: %d)".formatted(number(ctx), order, expected[probe]));
    }
    expected[probe] = (int) order + 1;
    latencies[(int) (received.getAndIncrement() % SAMPLES_MAX)] = latencyNanos;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    try {
      while (in.isReadable()) {
        // The connector writes whole packets, and without a socket nothing tears them apart.
        int type = in.readUnsignedByte() >> 4;
        packet(ctx, type, in.readSlice(length(in)));
      }
    } finally {
      in.release();
    }
  }

  private void packet(ChannelHandlerContext ctx, int type, ByteBuf packet) {
    switch (type) {
      case Packets.CONNACK -> connAck(ctx, packet.getUnsignedByte(1));
      case Packets.SUBACK -> subAck(ctx, packet.getUnsignedByte(packet.readableBytes() - 1));
      case Packets.PINGRESP -> pongs.incrementAndGet();
      case Packets.PUBACK -> acknowledged++;
      case Packets.PUBLISH -> publish(ctx, packet);
      case Packets.DISCONNECT -> violation("client %d got DISCONNECT".formatted(number(ctx)));
      default -> violation("client %d got packet type %d".formatted(number(ctx), type));
    }
  }

  private static int length(ByteBuf in) {
    int length = 0;
    for (int shift = 0; ; shift += 7) {
      int digit = in.readUnsignedByte();
      length |= (digit & 0x7f) << shift;
      if (digit < 0x80) {
        return length;
      }
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    int number = number(ctx);
    if (ctx.channel().equals(channels[number])) {
      channels[number] = null;
      disconnected.incrementAndGet();
      violation("client %d was disconnected".formatted(number));
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    violation("client %d failed: %s".formatted(number(ctx), cause));
    var _ = ctx.close();
  }

  private static int number(ChannelHandlerContext ctx) {
    return ((ClientChannel) ctx.channel()).number;
  }

  private static void send(ChannelHandlerContext ctx, ByteBuf packet) {
    send((ClientChannel) ctx.channel(), packet);
  }

  private static void send(ClientChannel channel, ByteBuf packet) {
    var _ = channel.writeAndFlush(packet, channel.voidPromise());
  }

  private void violation(String what) {
    if (violations.size() < VIOLATIONS_MAX) {
      violations.add(what);
    }
  }
}
