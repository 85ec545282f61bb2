// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.load;

import io.pabal.bench.load.plan.Target;
import io.pabal.bench.mqtt.ClientLoop;
import io.pabal.bench.mqtt.Endpoint;
import io.pabal.bench.mqtt.SessionOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/** The clients of one measurement, and the loops that they run on. For one thread. */
final class Fleet implements AutoCloseable {

  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
  private static final int LEAVING_AT_ONCE = 1_000;
  private static final int PINGS_PER_KEEP_ALIVE = 2;
  private static final int PING_SLICES = 20;

  private final Target target;
  private final String run = Long.toString(System.currentTimeMillis(), Character.MAX_RADIX);
  private final List<ClientLoop> loops = new ArrayList<>();
  private final List<Tally> tallies = new ArrayList<>();
  private int members;

  /**
   * A client's place.
   *
   * @param number of all clients, from 0 on
   */
  record Member(
      Endpoint endpoint,
      int keepAliveSeconds,
      int number,
      int loopIndex,
      ClientLoop loop,
      Tally tally) {}

  private Fleet(Target target) {
    this.target = target;
  }

  /**
   * Starts the loops, and checks that one client can connect to the server.
   *
   * @throws ServerUnreachableException when that client cannot connect
   */
  static Fleet start(Target target) throws ServerUnreachableException {
    var fleet = new Fleet(target);
    for (int i = 0; i < target.loops(); i++) {
      fleet.loops.add(ClientLoop.start("load-" + i));
      fleet.tallies.add(new Tally());
    }
    try {
      Visit.pay(fleet.loops.getFirst(), target, fleet.clientId("probe"));
      return fleet;
    } catch (ServerUnreachableException e) {
      fleet.close();
      throw e;
    }
  }

  /** A client identifier of this run only, of at most 23 bytes (MQTT 3.1.1, 3.1.3.1). */
  String clientId(String name) {
    return "b" + run + "-" + name;
  }

  /** An address of this run only: with two levels to a prefix, each stream is a feed. */
  String address(int stream) {
    return "bench-" + run + "/" + stream;
  }

  /** A place on loop {@code index} modulo the number of loops. */
  Member member(int index) {
    int loop = index % loops.size();
    return new Member(
        target.endpoint(),
        target.keepAliveSeconds(),
        members++,
        loop,
        loops.get(loop),
        tallies.get(loop));
  }

  /** What a subscriber asks of its session. */
  SessionOptions session(int expirySeconds) {
    return new SessionOptions(target.keepAliveSeconds(), expirySeconds, target.receiveMaximum());
  }

  /** Connects all of {@code arriving}, about {@code atOnceMax} at a time. Blocks until then. */
  void connect(String what, List<? extends Client> arriving, int atOnceMax) throws Exception {
    for (Arrivals each : begin(arriving, atOnceMax)) {
      await(what, each::count, each::isComplete, each::lastTrouble);
    }
  }

  /** Begins to connect all of {@code arriving}; one {@link Arrivals} for each loop. */
  List<Arrivals> begin(List<? extends Client> arriving, int atOnceMax) {
    List<Arrivals> arrivals = new ArrayList<>();
    for (int i = 0; i < loops.size(); i++) {
      List<? extends Client> own = onLoop(i, arriving);
      if (!own.isEmpty()) {
        arrivals.add(new Arrivals(loops.get(i), own, Math.max(1, atOnceMax / loops.size())));
      }
    }
    arrivals.forEach(Arrivals::start);
    return arrivals;
  }

  /** Sends pings from now on, spread over time, for all of {@code connected}. */
  void keepAlive(List<? extends Client> connected) {
    long periodNanos = TimeUnit.SECONDS.toNanos(target.keepAliveSeconds()) / PINGS_PER_KEEP_ALIVE;
    for (int i = 0; i < loops.size(); i++) {
      var pinger = new Pinger(onLoop(i, connected), PING_SLICES);
      var _ = loops.get(i).every(periodNanos / PING_SLICES, pinger::pingSlice);
    }
  }

  <T extends Client> List<T> onLoop(int index, Collection<T> all) {
    return all.stream().filter(each -> each.loopIndex() == index).toList();
  }

  ClientLoop loop(int index) {
    return loops.get(index);
  }

  int size() {
    return loops.size();
  }

  /** Sets the time in which deliveries are measured. */
  void measure(long fromNanos, long toNanos) {
    for (int i = 0; i < loops.size(); i++) {
      Tally tally = tallies.get(i);
      loops.get(i).execute(() -> tally.measure(fromNanos, toNanos));
    }
  }

  /** Whether {@code holds} for all of {@code some}, each asked on its loop. */
  <T extends Client> boolean all(Collection<T> some, Predicate<T> holds) throws Exception {
    for (int i = 0; i < loops.size(); i++) {
      List<T> own = onLoop(i, some);
      if (!loops.get(i).call(() -> own.stream().allMatch(holds))) {
        return false;
      }
    }
    return true;
  }

  /** The sum of the counts of all loops until now. */
  Tally tally() throws Exception {
    Tally sum = new Tally();
    for (int i = 0; i < loops.size(); i++) {
      Tally tally = tallies.get(i);
      loops.get(i).call(() -> addTo(sum, tally));
    }
    return sum;
  }

  private static Tally addTo(Tally sum, Tally tally) {
    sum.add(tally);
    return sum;
  }

  /** Messages delivered until now. */
  long delivered() throws Exception {
    long sum = 0;
    for (int i = 0; i < loops.size(); i++) {
      Tally tally = tallies.get(i);
      sum += loops.get(i).call(() -> tally.delivered);
    }
    return sum;
  }

  /**
   * Waits until {@code done} returns true, as long as {@code progress} changes.
   *
   * @throws IllegalStateException when it does not change for as long as the target's patience
   */
  <T> void await(
      String what, Callable<T> progress, Callable<Boolean> done, Callable<String> trouble)
      throws Exception {
    if (!settles(progress, done)) {
      String why = trouble.call();
      throw new IllegalStateException(
          "%s: nothing happened for %d s, after %s%s"
              .formatted(
                  what,
                  target.patience().toSeconds(),
                  progress.call(),
                  why.isEmpty() ? "" : "; the last trouble: " + why));
    }
  }

  /** Waits like {@link #await}, but returns false where {@link #await} throws. */
  <T> boolean settles(Callable<T> progress, Callable<Boolean> done) throws Exception {
    T last = progress.call();
    long changedNanos = System.nanoTime();
    while (!done.call()) {
      LockSupport.parkNanos(LOOK_NANOS);
      T now = progress.call();
      if (!now.equals(last)) {
        last = now;
        changedNanos = System.nanoTime();
      } else if (System.nanoTime() - changedNanos > target.patience().toNanos()) {
        return false;
      }
    }
    return true;
  }

  /** Disconnects all of {@code leaving}, and waits until their sockets are closed. */
  void disconnect(List<? extends Client> leaving, boolean forget) throws Exception {
    for (int i = 0; i < loops.size(); i++) {
      List<? extends Client> own = onLoop(i, leaving);
      for (int from = 0; from < own.size(); from += LEAVING_AT_ONCE) {
        var some = own.subList(from, Math.min(own.size(), from + LEAVING_AT_ONCE));
        loops.get(i).run(() -> some.forEach(each -> each.connection().disconnect(forget)));
      }
    }
    for (int i = 0; i < loops.size(); i++) {
      List<? extends Client> own = onLoop(i, leaving);
      ClientLoop loop = loops.get(i);
      var _ =
          settles(
              () ->
                  loop.call(() -> own.stream().filter(each -> each.connection().isAway()).count()),
              () -> loop.call(() -> own.stream().allMatch(each -> each.connection().isAway())));
    }
  }

  /** Closes all connections and loops; the server keeps persistent sessions. */
  @Override
  public void close() {
    loops.forEach(ClientLoop::close);
  }

  /** Parks for {@code duration}. */
  static void rest(Duration duration) {
    sleepUntil(System.nanoTime() + duration.toNanos());
  }

  /** Parks until {@code nanos}, by {@link System#nanoTime}. */
  static void sleepUntil(long nanos) {
    for (long left = nanos - System.nanoTime(); left > 0; left = nanos - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }
}
