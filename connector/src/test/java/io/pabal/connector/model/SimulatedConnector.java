// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.model;

import io.pabal.connector.ConnectorConfig;
import io.pabal.connector.ConnectorMetrics;
import io.pabal.connector.checkpoint.CheckpointWriter;
import io.pabal.connector.delivery.DeliveryConsumer;
import io.pabal.connector.delivery.DeliveryRings;
import io.pabal.connector.delivery.Feed;
import io.pabal.connector.delivery.FeedTable;
import io.pabal.connector.delivery.PlayedConsumer;
import io.pabal.connector.fixture.TestLoop;
import io.pabal.connector.history.HistoryReader;
import io.pabal.connector.ingress.Ingress;
import io.pabal.connector.loop.LoopContext;
import io.pabal.connector.mqtt.Sockets;
import io.pabal.connector.session.ClaimGenerations;
import io.pabal.connector.session.Session;
import io.pabal.connector.session.SessionEvents;
import io.pabal.connector.session.SessionServices;
import io.pabal.connector.session.SessionTable;
import io.pabal.connector.session.TimelineReads;
import io.pabal.router.routing.SteppedTask.Sent;
import io.pabal.schemas.Codecs;
import io.pabal.schemas.ConnectorState;
import io.pabal.schemas.ConnectorStatus;
import io.pabal.schemas.DeliveryHeader;
import io.pabal.schemas.DeliveryHeader.Routed;
import io.pabal.schemas.Location;
import io.pabal.schemas.SessionEvent;
import io.pabal.schemas.SessionEventKind;
import io.pabal.schemas.topic.TopicCatalogue;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;

/**
 * One incarnation of a connector, put together from its real parts: everything but the listening
 * socket, the producers, and the threads. The one place of the simulation that knows how.
 */
final class SimulatedConnector {

  private static final Duration CHECKPOINT_INTERVAL = Duration.ofSeconds(1);
  private static final Duration SUBSCRIBE_TIMEOUT = Duration.ofSeconds(12);
  private static final int UNAPPLIED_POLLS_MAX = 4;

  /** Some nine deliveries. */
  private static final long RING_BYTES_SMALL = 4_000;

  static final ConnectorConfig.Limits LIMITS = limits(ConnectorConfig.Limits.defaults());

  final String id;
  final long incarnation;
  final TestLoop loop = new TestLoop();
  private final Logs logs;
  private final Announcements announcements = new Announcements();
  private final CheckpointWriter checkpoints;
  private final SessionTable sessions;
  private final DeliveryConsumer deliveries;
  private final Sockets sockets;
  private final Map<String, Seen> seen = new HashMap<>();
  private final List<Sockets.Socket> opened = new ArrayList<>();
  private final List<Runnable> delayed = new ArrayList<>();
  private long nowNanos;
  private int consumed;
  private int unappliedPolls;
  private boolean frozen;
  private boolean busy;

  /** How far the deliveries of one activation were consumed. */
  private record Seen(long activation, long offset) {}

  SimulatedConnector(
      String id,
      long incarnation,
      Logs logs,
      SharedRedis redis,
      Ingress ingress,
      HistoryReader history,
      SessionTable.Evictor evictor) {
    this.id = id;
    this.incarnation = incarnation;
    this.logs = logs;
    var metrics = new ConnectorMetrics();
    var context = new LoopContext(0, loop);
    var addresses = new FeedTable(announcements, logs.feeds(), 1);
    checkpoints = new CheckpointWriter(redis.sessions, CHECKPOINT_INTERVAL, 0, () -> nowNanos);
    sessions =
        new SessionTable(
            id,
            incarnation,
            new SessionServices(
                addresses,
                Codecs.MESSAGE,
                redis.sessions,
                checkpoints,
                new ClaimGenerations(),
                new TimelineReads(redis.timelines, metrics),
                history,
                new SessionEvents(id, incarnation, SimulatedConnector::refuseGap),
                LIMITS,
                metrics),
            evictor);
    deliveries =
        new DeliveryConsumer(
            new MockConsumer<>("earliest"),
            TopicCatalogue.deliveriesTopic(id),
            incarnation,
            addresses,
            Codecs.MESSAGE,
            List.of(context),
            new Signals(),
            metrics,
            new DeliveryRings(ringBytesMax(incarnation)),
            null);
    sockets = new Sockets(loop, context, ingress, sessions, LIMITS, metrics);
    loop.hold();
    context.start(nanos -> {});
    consumed = logs.deliveries(id).size();
    register(ConnectorStatus.UP);
  }

  /** Connectors without rings, with rings that lose deliveries soon, and with large ones. */
  private static long ringBytesMax(long incarnation) {
    return switch ((int) (incarnation % 3)) {
      case 0 -> 0;
      case 1 -> RING_BYTES_SMALL;
      default -> 1 << 20;
    };
  }

  private static ConnectorConfig.Limits limits(ConnectorConfig.Limits defaults) {
    return new ConnectorConfig.Limits(
        defaults.packetBytesMax(),
        defaults.receiveMax(),
        defaults.inFlightMax(),
        defaults.clientIdBytesMax(),
        defaults.addressBytesMax(),
        defaults.subscriptionsMax(),
        Duration.ZERO,
        defaults.keepAliveMax(),
        defaults.sessionExpiryMax(),
        defaults.sessionExpiryV311(),
        SUBSCRIBE_TIMEOUT,
        CHECKPOINT_INTERVAL);
  }

  Sockets.Socket open() {
    Sockets.Socket socket = sockets.open();
    opened.add(socket);
    return socket;
  }

  /** The process is gone: nothing happens any more, and nobody here hears of it. */
  void vanish() {
    opened.forEach(Sockets.Socket::vanish);
  }

  boolean isFrozen() {
    return frozen;
  }

  void freeze() {
    frozen = true;
  }

  /** Runs again; what clients have sent meanwhile is still to be processed. */
  void thaw() {
    frozen = false;
  }

  /** Something that a client does: at once, or when {@link #processDelayed} is called. */
  void input(Runnable action) {
    if (frozen || !delayed.isEmpty()) {
      delayed.add(action);
    } else {
      busy = true;
      action.run();
    }
  }

  /** What clients did while this connector was frozen. */
  void processDelayed() {
    List<Runnable> actions = List.copyOf(delayed);
    delayed.clear();
    busy |= !actions.isEmpty();
    actions.forEach(Runnable::run);
  }

  /** Runs at most {@code count} tasks of the event loop. */
  void turn(int count) {
    int left = count;
    while (left > 0 && loop.runNext()) {
      left--;
      busy = true;
    }
    if (left > 0) {
      unappliedPolls = 0;
    }
  }

  /** The next checkpoint, and whatever else a second brings. */
  void tick() {
    loop.advance(CHECKPOINT_INTERVAL);
    nowNanos += CHECKPOINT_INTERVAL.toNanos();
    checkpoints.step();
    loop.run();
    busy = true;
    unappliedPolls = 0;
  }

  /** One poll of at most {@code count} deliveries. */
  void consume(int count) {
    List<Sent> log = logs.deliveries(id);
    int to = (int) Math.min(log.size(), (long) consumed + count);
    if (to == consumed) {
      return;
    }
    if (++unappliedPolls >= UNAPPLIED_POLLS_MAX) {
      turn(Integer.MAX_VALUE);
    }
    String topic = TopicCatalogue.deliveriesTopic(id);
    List<ConsumerRecord<byte[], byte[]>> poll = new ArrayList<>();
    for (; consumed < to; consumed++) {
      Sent record = log.get(consumed);
      note(record);
      poll.add(
          new ConsumerRecord<>(
              topic,
              0,
              consumed,
              0,
              TimestampType.CREATE_TIME,
              0,
              0,
              record.key(),
              record.value(),
              record.headers(),
              Optional.empty()));
    }
    PlayedConsumer.dispatch(
        deliveries, new ConsumerRecords<>(Map.of(new TopicPartition(topic, 0), poll), Map.of()));
  }

  /** The highest position of the address that was consumed under its present activation. */
  long seen(String address) {
    Seen present = seen.get(address);
    return present != null && announcements.isPresent(address, present.activation)
        ? present.offset
        : -1;
  }

  /** Has at most {@code count} locations reach Kafka. */
  void writeLocations(int count) {
    announcements.write(count);
  }

  /** Announces again what the router has not answered. */
  void announceAgain() {
    announcements.again();
  }

  /** Announces again all that is live. */
  void refresh() {
    announcements.refresh();
  }

  /** Begins to end all sessions in good order. */
  void stop() {
    for (Session session : sessions.all()) {
      var _ = session.drain();
    }
  }

  /** Says that this incarnation is gone. */
  void down() {
    register(ConnectorStatus.DOWN);
  }

  /** Whether it did anything since this was last asked. */
  boolean wasBusy() {
    boolean was = busy;
    busy = false;
    return was;
  }

  /** Whether nothing is left to be consumed, to be written or to be run. */
  boolean isIdle() {
    return consumed == logs.deliveries(id).size()
        && announcements.unwritten.isEmpty()
        && loop.pending() == 0;
  }

  @Override
  public String toString() {
    return id + "#" + incarnation;
  }

  private void note(Sent record) {
    if (DeliveryHeader.of(record.headers()) instanceof Routed routed
        && routed.incarnation() == incarnation) {
      seen.merge(
          new String(record.key(), StandardCharsets.UTF_8),
          new Seen(routed.activation(), routed.offset()),
          (old, now) -> old.activation != now.activation || now.offset > old.offset ? now : old);
    }
  }

  private void register(ConnectorStatus status) {
    var state = new ConnectorState(incarnation, status, "", 0, Instant.EPOCH);
    logs.connectors().add(new Logs.Entry(id, Codecs.CONNECTOR_STATE.encode(state)));
  }

  private static void refuseGap(SessionEvent event) {
    if (event.getKind() == SessionEventKind.GAP) {
      throw new InvariantBroken(
          Invariant.I10, event.getClientId() + " was told of a gap, and there is none");
    }
  }

  /** What the control writer does, by hand. */
  private final class Announcements implements FeedTable.Announcer {

    private static final long NO_ACTIVATION = 0;

    private final ArrayDeque<Unwritten> unwritten = new ArrayDeque<>();
    private final Map<String, Feed> present = new HashMap<>();
    private final Map<String, Feed> unanswered = new LinkedHashMap<>();

    private record Unwritten(Feed address, long activation, boolean present) {}

    @Override
    public void announce(Feed address) {
      present.put(address.name(), address);
      unanswered.put(address.name(), address);
      unwritten.add(new Unwritten(address, address.activation(), true));
    }

    @Override
    public void announceAgain(Feed address) {
      unwritten.add(new Unwritten(address, address.activation(), true));
    }

    @Override
    public void withdraw(Feed address) {
      present.remove(address.name(), address);
      unanswered.remove(address.name(), address);
      unwritten.add(new Unwritten(address, address.activation(), false));
    }

    boolean isPresent(String address, long activation) {
      Feed held = present.get(address);
      return held != null && held.activation() == activation;
    }

    void answered(Feed address) {
      unanswered.remove(address.name(), address);
    }

    void again() {
      for (Feed each : unanswered.values()) {
        announceAgain(each);
        unwritten.add(new Unwritten(each, NO_ACTIVATION, true));
      }
    }

    void refresh() {
      present.values().stream().filter(Feed::isActive).forEach(this::announceAgain);
    }

    void write(int count) {
      for (int i = 0; i < count && !unwritten.isEmpty(); i++) {
        Unwritten next = unwritten.remove();
        Feed address = next.address;
        var location = new Location(id, incarnation, next.activation, next.present);
        logs.locations(address.partition())
            .add(new Logs.Entry(address.name(), Codecs.LOCATION.encode(location)));
      }
    }
  }

  private final class Signals implements DeliveryConsumer.Signals {
    @Override
    public void evicted(String clientId, long epoch) {
      sessions.evicted(clientId, epoch);
    }

    @Override
    public void kicked(String clientId, long epoch, boolean forget) {
      sessions.kicked(clientId, epoch, forget);
    }

    @Override
    public void drainAsked() {}

    @Override
    public void activated(Feed address) {
      announcements.answered(address);
    }

    @Override
    public @Nullable String connectorChanged(String connectorId, byte @Nullable [] value) {
      return null;
    }
  }
}
