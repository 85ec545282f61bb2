// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.load;

import io.pabal.bench.load.LoadReport.Figure;
import io.pabal.bench.mqtt.PublishTemplate;
import io.pabal.bench.mqtt.Stamp;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * Has sessions subscribe and leave, publishes to all of them, has all return at once, and measures
 * until each has what it missed. In the end each gets one more message, which shows that it is
 * live.
 */
public final class ReturnBench {

  private static final int SESSION_EXPIRY_SECONDS = 3_600;
  private static final int LIVE = 1;

  private final Target target;
  private final ReturnPlan plan;
  private final Consumer<String> progress;
  private final List<Subscriber> sessions = new ArrayList<>();
  private final List<Stream> streams = new ArrayList<>();
  private final AtomicInteger drained = new AtomicInteger();
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
  }

  /**
   * Measures. Blocks until all have returned, and for what is needed before.
   *
   * @throws ServerUnreachableException when the server is not there
   * @throws IllegalStateException when sessions cannot connect, or messages cannot be published
   */
  public LoadReport run() throws Exception {
    try (Fleet fleet = Fleet.start(target)) {
      enlist(fleet);
      Sender sender = new Sender(fleet.member(0), fleet.clientId("p"), streams, plan.window());
      fleet.keepAlive(sessions);
      fleet.keepAlive(List.of(sender));
      progress.accept(
          "connecting %d sessions to %s, which then leave"
              .formatted(plan.sessions(), target.endpoint()));
      fleet.connect("connecting sessions", sessions, plan.connecting());
      fleet.connect("connecting the publisher", List.of(sender), 1);
      fleet.disconnect(sessions, false);
      progress.accept("publishing %d messages for each".formatted(plan.waiting()));
      publish(fleet, sender, plan.waiting());
      return comeBack(fleet, sender);
    }
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
          new Subscriber(
              fleet.member(i),
              fleet.clientId("s" + i),
              stream,
              1,
              fleet.session(SESSION_EXPIRY_SECONDS)));
    }
  }

  /** Until the server has taken {@code each} messages of every stream. */
  private void publish(Fleet fleet, Sender sender, int each) throws Exception {
    long count = (long) each * plan.sessions();
    fleet.loop(0).execute(() -> sender.start(Schedule.count(count)));
    fleet.await(
        "publishing",
        () -> fleet.loop(0).call(sender::taken),
        () -> fleet.loop(0).call(() -> sender.taken() >= count),
        () -> String.join("; ", fleet.tally().examples));
  }

  private LoadReport comeBack(Fleet fleet, Sender sender) throws Exception {
    progress.accept("all return");
    Tally calm = fleet.tally();
    Cost before = Cost.now(target.processes());
    for (int i = 0; i < fleet.size(); i++) {
      List<Subscriber> own = fleet.onLoop(i, sessions);
      fleet
          .loop(i)
          .execute(() -> own.forEach(each -> each.await(plan.waiting(), () -> drained(before))));
    }
    List<Arrivals> arrivals = fleet.begin(sessions, plan.sessions());
    boolean complete =
        fleet.settles(fleet::delivered, () -> drained.get() == sessions.size())
            && arrivals.stream().allMatch(Arrivals::isComplete);
    Cost after = Cost.now(target.processes());
    long connectedNanos = arrivals.stream().mapToLong(Arrivals::lastNanos).max().orElse(0);
    if (complete) {
      long all = (long) (plan.waiting() + LIVE) * plan.sessions();
      publish(fleet, sender, plan.waiting() + LIVE);
      var _ = fleet.settles(fleet::delivered, () -> fleet.delivered() >= all);
    }
    long gone = sessions.size();
    for (int i = 0; i < fleet.size(); i++) {
      List<Subscriber> own = fleet.onLoop(i, sessions);
      gone -= fleet.loop(i).call(() -> own.stream().filter(Subscriber::isSessionPresent).count());
    }
    Tally tally = fleet.tally();
    String trouble =
        complete ? "" : arrivals.stream().map(Arrivals::lastTrouble).reduce("", String::concat);
    fleet.disconnect(sessions, true);
    fleet.disconnect(List.of(sender), true);
    fleet.close();
    if (!trouble.isEmpty()) {
      tally.example("not let in: " + trouble);
    }
    return report(tally, calm, before, after, (connectedNanos - before.nanos()) / 1e9, gone);
  }

  private void drained(Cost before) {
    drainedNanos.recordValue(System.nanoTime() - before.nanos());
    drained.incrementAndGet();
  }

  private LoadReport report(
      Tally tally, Tally calm, Cost before, Cost after, double connectedSeconds, long gone) {
    long messages = (long) plan.waiting() * plan.sessions();
    double seconds = drainedNanos.getMaxValue() / 1e9;
    List<Figure> figures = new ArrayList<>();
    figures.add(Figure.of("sessions", "sessions that returned", drained.get()));
    figures.add(Figure.of("messages", "messages that waited", messages));
    figures.add(new Figure("connectedSeconds", "until all were let in (s)", connectedSeconds, 2));
    figures.add(new Figure("drainedSeconds", "until all had everything (s)", seconds, 2));
    figures.add(
        new Figure("messagesPerSecond", "messages drained per second", messages / seconds, 0));
    figures.add(
        new Figure("sessionsPerSecond", "sessions live per second", drained.get() / seconds, 0));
    Latency.show(figures, "session", "a session had everything after", drainedNanos);
    before.show(figures, target.processes(), after, messages);
    figures.add(Figure.of("sessionsGone", "sessions that the server did not have", gone));
    figures.add(
        Figure.of(
            "refusedReturning", "CONNECTs refused while returning", tally.refused - calm.refused));
    Verdict verdict = Verdict.of(sessions);
    verdict.show(figures, tally);
    String title =
        "%s: %s, %d sessions, %d messages of %d bytes wait for each"
            .formatted(
                plan.name(),
                target.endpoint(),
                plan.sessions(),
                plan.waiting(),
                plan.payloadBytes());
    return new LoadReport(
        title,
        figures,
        verdict.isGood(tally) && gone == 0 && drained.get() == sessions.size(),
        tally.examples);
  }
}
