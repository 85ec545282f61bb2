// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.model;

import io.pabal.connector.history.HistoryReader;
import io.pabal.connector.ingress.Ingress;
import io.pabal.router.routing.SteppedTask.Sent;
import io.pabal.schemas.DeliveryHeader;
import io.pabal.schemas.DeliveryHeader.Rewind;
import io.pabal.schemas.TopicCatalogue;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/**
 * Connectors, router tasks, the timeline writer and clients; carries out commands, and has the
 * model look at what each did.
 */
final class Simulation implements AutoCloseable {

  /**
   * What there is.
   *
   * @param partitions of {@code messages}
   */
  record Shape(int partitions, int addresses, int connectors, int clients) {}

  private static final int BURST = 270;
  private static final int ROUNDS_MAX = 2_000;

  private final SharedRedis redis;
  private final Ingress ingress;
  private final HistoryReader history;
  private final Logs logs;
  private final List<String> addresses;
  private final List<String> connectorIds;
  private final List<SimulatedRouter> routers = new ArrayList<>();
  private final SimulatedTimelines timelines;
  private final Clients clients;

  /** All incarnations that have not ended; of one id, only the newest is not doomed. */
  private final List<SimulatedConnector> connectors = new ArrayList<>();

  private final Map<String, Long> newest = new HashMap<>();

  private final Queue<Eviction> evictions = new ConcurrentLinkedQueue<>();
  private final List<String> trace = new ArrayList<>();
  private long incarnations;
  private String doing = "";

  private record Eviction(String connectorId, String clientId, long epoch) {}

  Simulation(Shape shape, SharedRedis redis, Ingress ingress, HistoryReader history) {
    this.redis = redis;
    this.ingress = ingress;
    this.history = history;
    this.logs = new Logs(shape.partitions);
    redis.stored.clear();
    addresses = names("a", shape.addresses);
    connectorIds = names("c", shape.connectors);
    for (int partition = 0; partition < shape.partitions; partition++) {
      routers.add(new SimulatedRouter(logs, partition));
    }
    timelines = new SimulatedTimelines(logs, redis.writer);
    clients = new Clients(this, names("client", shape.clients), addresses, logs, redis.stored);
    connectorIds.forEach(this::start);
  }

  private static List<String> names(String prefix, int count) {
    return IntStream.rangeClosed(1, count).mapToObj(i -> prefix + i).toList();
  }

  /** What was done so far, one line each. */
  List<String> trace() {
    return trace;
  }

  /** Carries out one command; does nothing when there is nothing to do it to. */
  void run(Command command) {
    int a = command.a();
    int b = command.b();
    int c = command.c();
    doing = command.kind().name();
    switch (command.kind()) {
      case PUBLISH -> publish(pick(addresses, a), 1 + b % 3);
      case PUBLISH_BURST -> publish(pick(addresses, a), BURST);
      case CONNECT -> clients.connect(pick(clients.all(), a), pick(running(), b), c);
      case DISCONNECT -> clients.disconnect(pick(clients.connected(), a));
      case LOSE_SOCKET -> clients.loseSocket(pick(clients.open(), a));
      case SUBSCRIBE -> clients.subscribe(pick(clients.operating(), a), b, c);
      case UNSUBSCRIBE -> clients.unsubscribe(pick(clients.operating(), a), b);
      case ACKNOWLEDGE -> clients.acknowledge(pick(clients.unacknowledged(), a), b, c);
      case STALL -> clients.stall(pick(clients.connected(), a));
      case CONSUME -> on(pick(running(), a), "consumes", it -> it.consume(amount(b)));
      case TURN -> on(pick(running(), a), "turns", it -> it.turn(amount(b)));
      case TICK -> tick(pick(running(), a));
      case WRITE_LOCATIONS ->
          on(pick(running(), a), "writes locations", it -> it.writeLocations(amount(b)));
      case ANNOUNCE_AGAIN ->
          on(pick(running(), a), "announces again", SimulatedConnector::announceAgain);
      case REFRESH -> on(pick(running(), a), "refreshes", SimulatedConnector::refresh);
      case EVICT -> evict(b % 6 == 0);
      case CRASH -> crash(pick(connectors, a));
      case STOP -> stop(pick(running(), a));
      case FREEZE -> on(pick(running(), a), "freezes", SimulatedConnector::freeze);
      case THAW -> thaw(pick(frozen(), a), b);
      case START -> startAnother(pick(connectorIds, a));
      case ROUTE_MESSAGES ->
          onRouter(a, "routes messages", it -> it.routeMessages(byZombie(b), amount(c)));
      case ROUTE_LOCATIONS ->
          onRouter(a, "routes locations", it -> it.routeLocations(byZombie(b), amount(c)));
      case READ_CONNECTORS -> onRouter(a, "reads connectors", SimulatedRouter::readConnectors);
      case FLUSH ->
          onRouter(
              a,
              "flushes",
              it ->
                  it.flush(
                      byZombie(b), connectorIds.get((c >> 4) % connectorIds.size()), amount(c)));
      case FLUSH_CHANGELOG ->
          onRouter(a, "flushes its changelog", it -> it.flushChangelog(amount(b)));
      case FLUSH_LATE_CHANGELOG ->
          onRouter(a, "has its zombie's changelog flushed", SimulatedRouter::flushLateChangelog);
      case COMMIT -> onRouter(a, "commits", SimulatedRouter::commit);
      case RESTART_ROUTER ->
          onRouter(a, inOrder(b) ? "is closed" : "crashes", it -> it.restart(inOrder(b)));
      case FREEZE_ROUTER -> onRouter(a, "is taken for dead", SimulatedRouter::freeze);
      case END_ZOMBIE -> onRouter(a, "loses its zombie", SimulatedRouter::endZombie);
      case WRITE_TIMELINES -> writeTimelines(a % logs.partitions, amount(b));
      case COMMIT_TIMELINES -> timelines.commit(a % logs.partitions);
      case RESTART_TIMELINES -> timelines.restart(a % logs.partitions);
      case EXPIRE -> clients.expire(pick(clients.all(), a));
      case REWIND -> rewind(pick(addresses, a), pick(connectorIds, b), c);
      case FLOW -> flow(b % 3 == 0);
    }
    look();
  }

  private void publish(@Nullable String address, int count) {
    if (address != null) {
      note(count + " to " + address + " from " + logs.end(address));
      for (int i = 0; i < count; i++) {
        logs.publish(address);
      }
    }
  }

  private void rewind(@Nullable String address, @Nullable String connectorId, int range) {
    if (address == null || connectorId == null || logs.end(address) == 0) {
      return;
    }
    long end = logs.end(address);
    long from = Math.max(0, end - 1 - range % 40);
    long through = Math.min(end - 1, from + range / 40 % 30);
    note(address + " from " + from + " through " + through + " at " + connectorId);
    var rewind = new Rewind(logs.partitionOf(address), from, through, Long.MAX_VALUE, "");
    logs.rewind(connectorId, address, rewind);
  }

  // ---- connectors

  private SimulatedConnector start(String id) {
    var started =
        new SimulatedConnector(
            id,
            ++incarnations,
            logs,
            redis,
            ingress,
            history,
            (connectorId, clientId, epoch) ->
                evictions.add(new Eviction(connectorId, clientId, epoch)));
    connectors.add(started);
    newest.put(id, started.incarnation);
    return started;
  }

  private void startAnother(@Nullable String id) {
    if (id == null) {
      return;
    }
    SimulatedConnector present = present(id);
    if (present == null || present.isFrozen()) {
      note(start(id) + (present == null ? "" : " in place of " + present + ", which is frozen"));
    }
  }

  /** The incarnation that routers take for alive, if it has not ended. */
  private @Nullable SimulatedConnector present(String id) {
    return connectors.stream()
        .filter(each -> each.id.equals(id) && each.incarnation == newest.getOrDefault(id, -1L))
        .findAny()
        .orElse(null);
  }

  private void tick(@Nullable SimulatedConnector connector) {
    if (connector == null) {
      return;
    }
    note(connector.toString());
    connector.turn(Integer.MAX_VALUE);
    look();
    connector.tick();
  }

  private void crash(@Nullable SimulatedConnector connector) {
    if (connector == null) {
      return;
    }
    note(connector.toString());
    clients.lose(connector);
    connector.vanish();
    connectors.remove(connector);
  }

  private void stop(@Nullable SimulatedConnector connector) {
    if (connector == null) {
      return;
    }
    note(connector.toString());
    connector.stop();
    comeToRest(connector);
    connector.writeLocations(Integer.MAX_VALUE);
    connector.down();
    crash(connector);
  }

  /**
   * A frozen connector goes on with what its clients did meanwhile, or with what it was about to
   * do.
   */
  private void thaw(@Nullable SimulatedConnector connector, int how) {
    if (connector == null) {
      return;
    }
    note(connector.toString());
    connector.thaw();
    if (how % 2 == 0) {
      connector.processDelayed();
    } else {
      connector.turn(Integer.MAX_VALUE);
      look();
      connector.tick();
      look();
      connector.processDelayed();
    }
  }

  /** Runs its event loop until there is nothing to do. */
  void comeToRest(SimulatedConnector connector) {
    int rounds = 0;
    do {
      if (++rounds > ROUNDS_MAX) {
        throw new InvariantBroken(Invariant.I12, connector + " always has something to do");
      }
      connector.turn(Integer.MAX_VALUE);
      look();
    } while (connector.loop.pending() > 0);
  }

  private void evict(boolean lost) {
    Eviction eviction = evictions.poll();
    if (eviction == null) {
      return;
    }
    note(eviction.clientId + " at " + eviction.connectorId + (lost ? " gets lost" : ""));
    if (!lost) {
      var headers = new RecordHeaders();
      headers.add(DeliveryHeader.NAME, new DeliveryHeader.Evict(eviction.epoch).toBytes());
      logs.deliveries(eviction.connectorId)
          .add(
              new Sent(
                  TopicCatalogue.deliveriesTopic(eviction.connectorId),
                  eviction.clientId.getBytes(StandardCharsets.UTF_8),
                  null,
                  headers));
    }
  }

  // ---- routers and timelines

  private void onRouter(int which, String what, Consumer<SimulatedRouter> action) {
    int partition = which % routers.size();
    note("router " + partition + " " + what);
    action.accept(routers.get(partition));
  }

  private void writeTimelines(int partition, int count) {
    note("partition " + partition);
    timelines.write(partition, count);
    letReadersGoOn();
  }

  private void letReadersGoOn() {
    redis.lookAtWatermarks();
    connectors.forEach(connector -> connector.loop.admit());
  }

  // ---- everything

  /** Everything moves on a good deal; {@code all} takes the timeline writer along. */
  private void flow(boolean all) {
    note(all ? "" : "but the timelines");
    flowOnce(all);
    flowOnce(all);
  }

  private void flowOnce(boolean all) {
    for (SimulatedConnector connector : running()) {
      comeToRest(connector);
      connector.writeLocations(Integer.MAX_VALUE);
    }
    routers.forEach(SimulatedRouter::catchUp);
    if (all) {
      for (int partition = 0; partition < logs.partitions; partition++) {
        timelines.write(partition, Integer.MAX_VALUE);
      }
      letReadersGoOn();
    }
    for (SimulatedConnector connector : running()) {
      connector.consume(Integer.MAX_VALUE);
      comeToRest(connector);
    }
  }

  /**
   * Has everybody come back, everything be processed and acknowledged, and then one more message
   * arrive everywhere.
   */
  void finish() {
    note("the end: everybody comes back");
    for (SimulatedConnector connector : frozen()) {
      thaw(connector, 1);
    }
    for (SimulatedConnector connector : List.copyOf(connectors)) {
      if (present(connector.id) != connector) {
        connector.writeLocations(Integer.MAX_VALUE);
        crash(connector);
      }
    }
    for (String id : connectorIds) {
      if (present(id) == null) {
        start(id);
      }
    }
    routers.forEach(SimulatedRouter::endZombie);
    quiesce();
    for (ModelSession client : clients.all()) {
      if (client.current == null && client.mayExist()) {
        clients.connect(client, pick(running(), clients.all().indexOf(client)), 1 << 4 | 1);
      }
    }
    quiesce();
    clients.all().forEach(ModelSession::checkNothingIsMissing);
    addresses.forEach(address -> publish(address, 1));
    quiesce();
    clients.all().forEach(ModelSession::checkNothingIsMissing);
  }

  private void quiesce() {
    int quiet = 0;
    for (int round = 0; quiet < 4; round++) {
      if (round == ROUNDS_MAX) {
        throw new InvariantBroken(
            Invariant.I12,
            "unacknowledged by "
                + clients.unacknowledged().stream().map(each -> each.client().clientId).toList()
                + ", unanswered are "
                + clients.all().stream()
                    .filter(ModelSession::waits)
                    .map(each -> each.clientId)
                    .toList()
                + ", busy are "
                + connectors.stream().filter(each -> !each.isIdle()).toList());
      }
      boolean idle =
          clients.unacknowledged().isEmpty()
              && clients.all().stream().noneMatch(ModelSession::waits)
              && evictions.isEmpty()
              && connectors.stream().allMatch(SimulatedConnector::isIdle)
              && routers.stream().allMatch(SimulatedRouter::isIdle);
      quiet = idle ? quiet + 1 : 0;
      while (!evictions.isEmpty()) {
        evict(false);
      }
      clients
          .all()
          .forEach(
              client -> {
                if (client.current != null && client.current.stalled) {
                  clients.stall(client);
                }
              });
      for (Clients.Open open : clients.unacknowledged()) {
        clients.acknowledge(open, open.connection().inFlight());
      }
      flowOnce(true);
      for (SimulatedConnector connector : running()) {
        connector.announceAgain();
        connector.tick();
        look();
      }
    }
  }

  @Override
  public void close() {
    routers.forEach(SimulatedRouter::close);
    connectors.forEach(SimulatedConnector::vanish);
  }

  /** Waits for Redis. */
  void settle() {
    redis.settle();
  }

  /** Waits for Redis, and has the model see what every client received. */
  private void look() {
    if (connectors.stream().filter(SimulatedConnector::wasBusy).toList().isEmpty()) {
      return;
    }
    redis.settle();
    connectors.forEach(connector -> connector.loop.admit());
    clients.look();
  }

  private List<SimulatedConnector> running() {
    return connectors.stream().filter(each -> !each.isFrozen()).toList();
  }

  private List<SimulatedConnector> frozen() {
    return connectors.stream().filter(SimulatedConnector::isFrozen).toList();
  }

  private static boolean inOrder(int number) {
    return number % 3 == 0;
  }

  private static boolean byZombie(int number) {
    return number % 3 == 0;
  }

  /** Mostly a few, sometimes all. */
  private static int amount(int number) {
    return number % 4 == 0 ? Integer.MAX_VALUE : number % 4;
  }

  static <T> @Nullable T pick(List<T> from, int number) {
    return from.isEmpty() ? null : from.get(number % from.size());
  }

  private void on(
      @Nullable SimulatedConnector connector, String what, Consumer<SimulatedConnector> action) {
    if (connector != null) {
      note(connector + " " + what);
      action.accept(connector);
    }
  }

  /** Adds to the trace. */
  void note(String what) {
    trace.add(doing + " " + what);
  }
}
