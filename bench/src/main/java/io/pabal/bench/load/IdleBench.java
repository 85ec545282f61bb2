// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.load;

import io.pabal.bench.load.LoadReport.Figure;
import io.pabal.bench.mqtt.PublishTemplate;
import io.pabal.bench.mqtt.Stamp;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Connects many sessions, and looks at how fast they come, whether they stay, what each costs the
 * server, and how soon one of them gets a message.
 */
public final class IdleBench {

  private static final int WINDOW = 1_000;

  private final Target target;
  private final IdlePlan plan;
  private final Consumer<String> progress;
  private final List<Subscriber> sessions = new ArrayList<>();
  private final List<Stream> probed = new ArrayList<>();

  /**
   * A measurement.
   *
   * @param progress is told what is being done
   */
  public IdleBench(Target target, IdlePlan plan, Consumer<String> progress) {
    this.target = target;
    this.plan = plan;
    this.progress = progress;
  }

  /**
   * Measures. Blocks for as long as sessions take to come, are held, and take to go.
   *
   * @throws ServerUnreachableException when the server is not there
   * @throws IllegalStateException when sessions cannot connect
   */
  public LoadReport run() throws Exception {
    try (Fleet fleet = Fleet.start(target)) {
      enlist(fleet);
      progress.accept("connecting %d sessions to %s".formatted(plan.sessions(), target.endpoint()));
      Cost empty = Cost.now(target.processes());
      fleet.keepAlive(sessions);
      long lastNanos = empty.nanos();
      for (Arrivals each : fleet.begin(sessions, plan.connecting())) {
        fleet.await("connecting sessions", each::count, each::isComplete, each::lastTrouble);
        lastNanos = Math.max(lastNanos, each.lastNanos());
      }
      double connectSeconds = (lastNanos - empty.nanos()) / 1e9;
      progress.accept("holding them for %d s".formatted(plan.held().toSeconds()));
      return hold(fleet, empty, connectSeconds);
    }
  }

  private void enlist(Fleet fleet) {
    for (int i = 0; i < plan.sessions(); i++) {
      String address = fleet.address(i);
      var template =
          new PublishTemplate(target.endpoint().protocol(), address, 1, Stamp.BYTES, Stamp.BYTES);
      boolean probe = plan.probesPerSecond() > 0 && i % IdlePlan.PROBED_EVERY == 0;
      Stream stream = new Stream(i, address, template, 1, probe ? WINDOW : Stream.UNBOUNDED);
      sessions.add(
          new Subscriber(fleet.member(i), fleet.clientId("s" + i), stream, 1, fleet.session(0)));
      if (probe) {
        probed.add(stream);
      }
    }
  }

  private LoadReport hold(Fleet fleet, Cost empty, double connectSeconds) throws Exception {
    List<Sender> prober =
        probed.isEmpty()
            ? List.of()
            : List.of(new Sender(fleet.member(0), fleet.clientId("p"), probed, WINDOW));
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
    var _ = fleet.settles(fleet::delivered, () -> fleet.all(prober, Sender::isDone));
    Tally tally = fleet.tally();
    fleet.disconnect(prober, true);
    fleet.disconnect(sessions, true);
    fleet.close();
    return report(tally, empty, full, held, connectSeconds);
  }

  private LoadReport report(Tally tally, Cost empty, Cost full, Cost held, double connectSeconds) {
    List<Figure> figures = new ArrayList<>();
    figures.add(Figure.of("sessions", "sessions", plan.sessions()));
    figures.add(new Figure("connectSeconds", "until all had subscribed (s)", connectSeconds, 2));
    figures.add(
        new Figure(
            "connectsPerSecond",
            "connected and subscribed per second",
            plan.sessions() / connectSeconds,
            0));
    figures.add(new Figure("heldSeconds", "held (s)", full.secondsUntil(held), 1));
    figures.add(Figure.of("pings", "PINGREQs", tally.pings));
    figures.add(Figure.of("pongs", "PINGRESPs", tally.pongs));
    figures.add(Figure.of("probes", "messages to every 100th", tally.measured));
    Latency.show(figures, "latency", "their latency", tally.latencyNanos);
    empty.showMemory(figures, target.processes(), held, plan.sessions());
    full.show(figures, target.processes(), held, tally.measured);
    Verdict verdict = Verdict.of(sessions);
    verdict.show(figures, tally);
    String title =
        "idle: %s, %d sessions, keep-alive %d s"
            .formatted(target.endpoint(), plan.sessions(), target.keepAliveSeconds());
    return new LoadReport(title, figures, verdict.isGood(tally), tally.examples);
  }
}
