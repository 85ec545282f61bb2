// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.load;

import io.pabal.bench.load.figure.Cost;
import io.pabal.bench.load.figure.Cpu;
import io.pabal.bench.load.figure.LoadReport;
import io.pabal.bench.load.figure.LoadReport.Figure;
import io.pabal.bench.load.figure.Quantiles;
import io.pabal.bench.load.figure.Rounds;
import io.pabal.bench.load.plan.IdlePlan;
import io.pabal.bench.load.plan.Target;
import io.pabal.bench.mqtt.PublishTemplate;
import io.pabal.bench.mqtt.Stamp;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Connects many sessions. Measures how fast they connect, whether they stay connected, what each
 * costs the server, how soon one of them gets a message, and what those that are live meanwhile
 * notice. With several rounds, the sessions disconnect and connect again; only those of the last
 * round are held.
 */
public final class IdleBench {

  private static final int WINDOW = 1_000;
  private static final int EXPIRY_SECONDS = 3_600;

  private final Target target;
  private final IdlePlan plan;
  private final Consumer<String> progress;
  private final List<LoadSubscriber> sessions = new ArrayList<>();
  private final List<Stream> probed = new ArrayList<>();
  private final Rounds rounds;

  /**
   * A measurement.
   *
   * @param progress is told what is being done
   */
  public IdleBench(Target target, IdlePlan plan, Consumer<String> progress) {
    this.target = target;
    this.plan = plan;
    this.progress = progress;
    this.rounds = new Rounds(!target.processes().isEmpty(), Cpu.Unit.SESSION);
  }

  /**
   * Measures. Blocks while the sessions connect, are held, and disconnect.
   *
   * @throws ServerUnreachableException when the first client cannot connect to the server
   * @throws IllegalStateException when sessions cannot connect
   */
  public LoadReport run() throws Exception {
    try (Fleet fleet = Fleet.start(target);
        Bystanders live = Bystanders.start(target.endpoint(), plan.livePerSecond())) {
      enlist(fleet);
      fleet.keepAlive(sessions);
      Cost empty = Cost.now(target.processes());
      connect(fleet, live);
      while (rounds.size() < plan.rounds()) {
        fleet.disconnect(sessions, true);
        sessions.forEach(LoadSubscriber::forget);
        Fleet.rest(plan.settle());
        connect(fleet, live);
      }
      live.stop();
      progress.accept("holding them for %d s".formatted(plan.held().toSeconds()));
      return hold(fleet, empty);
    }
  }

  private void connect(Fleet fleet, Bystanders live) throws Exception {
    live.observeQuiet();
    progress.accept(
        "connecting %d sessions to %s (%d of %d)"
            .formatted(plan.sessions(), target.endpoint(), rounds.size() + 1, plan.rounds()));
    Cost before = Cost.now(target.processes());
    long lastNanos = before.nanos();
    for (Arrivals each : fleet.begin(sessions, plan.connecting())) {
      fleet.await("connecting sessions", each::count, each::isComplete, each::lastTrouble);
      lastNanos = Math.max(lastNanos, each.lastNanos());
    }
    Cost after = Cost.now(target.processes());
    double seconds = (lastNanos - before.nanos()) / 1e9;
    List<Figure> figures = new ArrayList<>();
    figures.add(new Figure("connectSeconds", "until all had subscribed (s)", seconds, 2));
    figures.add(
        new Figure(
            "connectsPerSecond",
            "connected and subscribed per second",
            plan.sessions() / seconds,
            0));
    live.show(figures, before.nanos(), lastNanos);
    rounds.add(figures, before.cpuUntil(after), plan.sessions());
  }

  private void enlist(Fleet fleet) {
    for (int i = 0; i < plan.sessions(); i++) {
      String address = fleet.address(i);
      var template =
          new PublishTemplate(target.endpoint().protocol(), address, 1, Stamp.BYTES, Stamp.BYTES);
      boolean probe = plan.probesPerSecond() > 0 && i % IdlePlan.PROBED_EVERY == 0;
      Stream stream = new Stream(i, address, template, 1, probe ? WINDOW : Stream.UNBOUNDED);
      sessions.add(
          new LoadSubscriber(
              fleet.member(i),
              fleet.clientId("s" + i),
              stream,
              1,
              fleet.session(plan.persistent() ? EXPIRY_SECONDS : 0)));
      if (probe) {
        probed.add(stream);
      }
    }
  }

  private LoadReport hold(Fleet fleet, Cost empty) throws Exception {
    List<LoadPublisher> prober =
        probed.isEmpty()
            ? List.of()
            : List.of(new LoadPublisher(fleet.member(0), fleet.clientId("p"), probed, WINDOW));
    fleet.keepAlive(prober);
    fleet.connect("connecting the publisher", prober, 1);
    Cost full = Cost.now(target.processes());
    long toNanos = full.nanos() + plan.held().toNanos();
    fleet.measure(full.nanos(), toNanos);
    if (!prober.isEmpty()) {
      Pacer pacer = new Pacer(prober, plan.probesPerSecond(), full.nanos(), toNanos);
      fleet.loop(0).execute(() -> pacer.start(fleet.loop(0)));
    }
    Fleet.sleepUntil(toNanos);
    Cost held = Cost.now(target.processes());
    var _ = fleet.settles(fleet::delivered, () -> fleet.all(prober, LoadPublisher::isDone));
    Tally tally = fleet.tally();
    fleet.disconnect(prober, true);
    fleet.disconnect(sessions, true);
    fleet.close();
    return report(tally, empty, full, held);
  }

  private LoadReport report(Tally tally, Cost empty, Cost full, Cost held) {
    List<Figure> figures = new ArrayList<>();
    figures.add(Figure.of("sessions", "sessions", plan.sessions()));
    rounds.show(figures, "connectSeconds");
    rounds.show(figures, "connectsPerSecond");
    if (plan.livePerSecond() > 0) {
      Bystanders.KEYS.forEach(key -> rounds.show(figures, key));
    }
    rounds.showCpu(figures, " while connecting");
    figures.add(new Figure("heldSeconds", "held (s)", full.secondsUntil(held), 1));
    figures.add(Figure.of("pings", "PINGREQs", tally.pings));
    figures.add(Figure.of("pongs", "PINGRESPs", tally.pongs));
    figures.add(Figure.of("probes", "messages to every 100th", tally.measured));
    Quantiles.show(figures, "latency", "their latency", tally.latencyNanos);
    empty.showMemory(figures, target.processes(), held, plan.sessions());
    full.cpuUntil(held).show(figures, !target.processes().isEmpty(), "held", " while holding");
    LoadVerdict verdict = LoadVerdict.of(sessions);
    verdict.show(figures, tally);
    String title =
        "idle: %s, %d sessions, keep-alive %d s, rounds: %d"
            .formatted(
                target.endpoint(), plan.sessions(), target.keepAliveSeconds(), plan.rounds());
    return new LoadReport(title, figures, rounds.each(), verdict.isGood(tally), tally.examples);
  }
}
