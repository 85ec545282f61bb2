// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.load;

import io.pabal.bench.load.figure.Cost;
import io.pabal.bench.load.figure.Cpu;
import io.pabal.bench.load.figure.LoadReport;
import io.pabal.bench.load.figure.LoadReport.Figure;
import io.pabal.bench.load.figure.Quantiles;
import io.pabal.bench.load.figure.Rounds;
import io.pabal.bench.load.plan.ReturnPlan;
import io.pabal.bench.load.plan.Target;
import io.pabal.bench.mqtt.PublishTemplate;
import io.pabal.bench.mqtt.Stamp;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * Measures how long sessions need to catch up when all of them return at once.
 *
 * <p>The sessions subscribe first. In each round they disconnect, a publisher sends messages to all
 * of them, and they reconnect at once. The measurement ends when each session has the messages that
 * it missed. Each session then gets one more message, which shows that it is live.
 */
public final class ReturnBench {

  private static final int SESSION_EXPIRY_SECONDS = 3_600;
  private static final int LIVE = 1;

  private final Target target;
  private final ReturnPlan plan;
  private final Consumer<String> progress;
  private final List<LoadSubscriber> sessions = new ArrayList<>();
  private final List<Stream> streams = new ArrayList<>();
  private final Rounds rounds;
  private final List<String> troubles = new ArrayList<>();
  private long gone;
  private boolean allReturned = true;
  private final Histogram drainedNanos = new ConcurrentHistogram(TimeUnit.HOURS.toNanos(1), 3);

  /**
   * A measurement.
   *
   * @param progress is told what is being done
   */
  public ReturnBench(Target target, ReturnPlan plan, Consumer<String> progress) {
    this.target = target;
    this.plan = plan;
    this.progress = progress;
    this.rounds = new Rounds(!target.processes().isEmpty(), Cpu.Unit.DELIVERY);
  }

  /**
   * Measures. Blocks until the sessions of the last round have returned. A round in which a session
   * does not get all of its messages is the last one.
   *
   * @throws ServerUnreachableException when the first client cannot connect to the server
   * @throws IllegalStateException when sessions cannot connect, or messages cannot be published
   */
  public LoadReport run() throws Exception {
    Tally calm;
    Tally tally;
    try (Fleet fleet = Fleet.start(target)) {
      enlist(fleet);
      LoadPublisher sender =
          new LoadPublisher(fleet.member(0), fleet.clientId("p"), streams, plan.window());
      fleet.keepAlive(sessions);
      fleet.keepAlive(List.of(sender));
      progress.accept(
          "connecting %d sessions to %s, which then leave"
              .formatted(plan.sessions(), target.endpoint()));
      fleet.connect("connecting sessions", sessions, plan.connecting());
      fleet.connect("connecting the publisher", List.of(sender), 1);
      calm = fleet.tally();
      do {
        fleet.disconnect(sessions, false);
      } while (round(fleet, sender) && rounds.size() < plan.rounds());
      tally = fleet.tally();
      fleet.disconnect(sessions, true);
      fleet.disconnect(List.of(sender), true);
    }
    return report(tally, calm);
  }

  private void enlist(Fleet fleet) {
    for (int i = 0; i < plan.sessions(); i++) {
      String address = fleet.address(i);
      var template =
          new PublishTemplate(
              target.endpoint().protocol(), address, 1, Stamp.BYTES, plan.payloadBytes());
      Stream stream = new Stream(i, address, template, 1, Stream.UNBOUNDED);
      streams.add(stream);
      sessions.add(
          new LoadSubscriber(
              fleet.member(i),
              fleet.clientId("s" + i),
              stream,
              1,
              fleet.session(SESSION_EXPIRY_SECONDS)));
    }
  }

  /** Returns whether all sessions came back, got the messages that they missed, and are live. */
  private boolean round(Fleet fleet, LoadPublisher sender) throws Exception {
    long missed = (long) rounds.size() * (plan.waiting() + LIVE) + plan.waiting();
    progress.accept(
        "publishing %d messages for each (round %d of %d)"
            .formatted(plan.waiting(), rounds.size() + 1, plan.rounds()));
    publish(fleet, sender, missed);
    Fleet.rest(plan.settle());
    progress.accept("all return");
    if (!comeBack(fleet, missed)) {
      return false;
    }
    publish(fleet, sender, missed + LIVE);
    return fleet.settles(
        fleet::delivered, () -> fleet.all(sessions, each -> each.check().next() >= missed + LIVE));
  }

  /** Publishes until the server has taken {@code each} messages of every stream in total. */
  private void publish(Fleet fleet, LoadPublisher sender, long each) throws Exception {
    long count = each * plan.sessions();
    fleet.loop(0).execute(() -> sender.start(Schedule.count(count)));
    fleet.await(
        "publishing",
        () -> fleet.loop(0).call(sender::taken),
        () -> fleet.loop(0).call(() -> sender.taken() >= count),
        () -> String.join("; ", fleet.tally().examples));
  }

  /** Measures until each session has its first {@code messages}; false if deliveries stop. */
  private boolean comeBack(Fleet fleet, long messages) throws Exception {
    Cost before = Cost.now(target.processes());
    var drained = new Drained(before.nanos());
    for (int i = 0; i < fleet.size(); i++) {
      List<LoadSubscriber> own = fleet.onLoop(i, sessions);
      fleet.loop(i).execute(() -> own.forEach(each -> each.await(messages, drained)));
    }
    List<Arrivals> arrivals = fleet.begin(sessions, plan.sessions());
    boolean complete =
        fleet.settles(fleet::delivered, () -> drained.sessions.get() == sessions.size())
            && arrivals.stream().allMatch(Arrivals::isComplete);
    Cost after = Cost.now(target.processes());
    if (!complete) {
      arrivals.stream()
          .map(Arrivals::lastTrouble)
          .filter(trouble -> !trouble.isEmpty())
          .forEach(trouble -> troubles.add("not let in: " + trouble));
    }
    long connectedNanos = arrivals.stream().mapToLong(Arrivals::lastNanos).max().orElse(0);
    long present = 0;
    for (int i = 0; i < fleet.size(); i++) {
      List<LoadSubscriber> own = fleet.onLoop(i, sessions);
      present +=
          fleet.loop(i).call(() -> own.stream().filter(LoadSubscriber::isSessionPresent).count());
    }
    rounds.add(
        figures(drained, (connectedNanos - before.nanos()) / 1e9),
        before.cpuUntil(after),
        (long) plan.waiting() * drained.sessions.get());
    gone += sessions.size() - present;
    allReturned &= complete;
    return complete;
  }

  private List<Figure> figures(Drained drained, double connectedSeconds) {
    int back = drained.sessions.get();
    double seconds = drained.lastNanos.get() / 1e9;
    double perSecond = seconds > 0 ? back / seconds : 0;
    return List.of(
        Figure.of("sessions", "sessions back with everything", back),
        new Figure("connectedSeconds", "until all were let in (s)", connectedSeconds, 2),
        new Figure("drainedSeconds", "until all had everything (s)", seconds, 2),
        new Figure(
            "messagesPerSecond", "messages drained per second", plan.waiting() * perSecond, 0),
        new Figure("sessionsPerSecond", "sessions live per second", perSecond, 0));
  }

  private LoadReport report(Tally tally, Tally calm) {
    List<Figure> figures = new ArrayList<>();
    long waited = (long) plan.waiting() * plan.sessions();
    figures.add(rounds.newest("sessions"));
    figures.add(Figure.of("messages", "messages that waited, each round", waited));
    rounds.show(figures, "connectedSeconds");
    rounds.show(figures, "drainedSeconds");
    rounds.show(figures, "messagesPerSecond");
    rounds.show(figures, "sessionsPerSecond");
    Quantiles.show(figures, "session", "a session had everything after", drainedNanos);
    rounds.showCpu(figures, "");
    figures.add(Figure.of("sessionsGone", "sessions that the server did not have", gone));
    figures.add(
        Figure.of(
            "refusedReturning", "CONNECTs refused while returning", tally.refused - calm.refused));
    LoadVerdict verdict = LoadVerdict.of(sessions);
    verdict.show(figures, tally);
    troubles.forEach(tally::example);
    String title =
        "%s: %s, %d sessions, %d messages of %d bytes wait for each, rounds: %d"
            .formatted(
                plan.name(),
                target.endpoint(),
                plan.sessions(),
                plan.waiting(),
                plan.payloadBytes(),
                plan.rounds());
    return new LoadReport(
        title,
        figures,
        rounds.each(),
        verdict.isGood(tally) && gone == 0 && allReturned,
        tally.examples);
  }

  /** Counts the sessions that have all messages. Runs on the loops' threads. */
  private final class Drained implements Runnable {

    private final long startNanos;
    private final AtomicInteger sessions = new AtomicInteger();
    private final AtomicLong lastNanos = new AtomicLong();

    Drained(long startNanos) {
      this.startNanos = startNanos;
    }

    @Override
    public void run() {
      long nanos = System.nanoTime() - startNanos;
      drainedNanos.recordValue(nanos);
      lastNanos.accumulateAndGet(nanos, Math::max);
      sessions.incrementAndGet();
    }
  }
}
