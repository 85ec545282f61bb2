// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.load;

import io.pabal.bench.load.figure.Cost;
import io.pabal.bench.load.figure.Cpu;
import io.pabal.bench.load.figure.LoadReport;
import io.pabal.bench.load.figure.LoadReport.Figure;
import io.pabal.bench.load.figure.Quantiles;
import io.pabal.bench.load.plan.Target;
import io.pabal.bench.load.plan.TrafficPlan;
import io.pabal.bench.mqtt.PublishTemplate;
import io.pabal.bench.mqtt.Stamp;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Publishes to connected subscribers, and measures how many messages arrive and when. With a window
 * only, a publisher sends more when all its subscribers have got earlier messages. At a rate, the
 * times of sending are fixed, and a latency counts from when the message should have been sent.
 */
public final class TrafficBench {

  private static final int SESSION_EXPIRY_SECONDS = 3_600;

  private final Target target;
  private final TrafficPlan plan;
  private final Consumer<String> progress;
  private final List<LoadPublisher> senders = new ArrayList<>();
  private final List<LoadSubscriber> subscribers = new ArrayList<>();
  private final List<Stream> streams = new ArrayList<>();
  private final List<Pacer> pacers = new ArrayList<>();

  /**
   * A measurement.
   *
   * @param progress is told what is being done
   */
  public TrafficBench(Target target, TrafficPlan plan, Consumer<String> progress) {
    this.target = target;
    this.plan = plan;
    this.progress = progress;
  }

  /**
   * Measures. Blocks while clients connect, for the warm-up and the measurement, and until the last
   * messages have arrived.
   *
   * @throws ServerUnreachableException when the first client cannot connect to the server
   * @throws IllegalStateException when clients cannot connect
   */
  public LoadReport run() throws Exception {
    Tally tally;
    Cost before;
    Cost after;
    try (Fleet fleet = Fleet.start(target)) {
      enlist(fleet);
      progress.accept(
          "connecting %d clients to %s".formatted(plan.connections(), target.endpoint()));
      fleet.keepAlive(subscribers);
      fleet.keepAlive(senders);
      fleet.connect("connecting subscribers", subscribers, plan.connecting());
      fleet.connect("connecting publishers", senders, plan.connecting());
      progress.accept(
          "measuring for %d s after %d s"
              .formatted(plan.measured().toSeconds(), plan.warmUp().toSeconds()));
      long startNanos = System.nanoTime();
      long fromNanos = startNanos + plan.warmUp().toNanos();
      long toNanos = fromNanos + plan.measured().toNanos();
      fleet.measure(fromNanos, toNanos);
      send(fleet, startNanos, toNanos);
      Fleet.sleepUntil(fromNanos);
      before = Cost.now(target.processes());
      Fleet.sleepUntil(toNanos);
      after = Cost.now(target.processes());
      progress.accept("waiting for what is on its way");
      var _ = fleet.settles(fleet::delivered, () -> fleet.all(senders, LoadPublisher::isDone));
      tally = fleet.tally();
      fleet.disconnect(senders, true);
      fleet.disconnect(subscribers, true);
    }
    return report(tally, before, after);
  }

  private void enlist(Fleet fleet) {
    for (int i = 0; i < plan.publishers(); i++) {
      String address = fleet.address(i);
      var template =
          new PublishTemplate(
              target.endpoint().protocol(),
              address,
              plan.publishQos(),
              Stamp.BYTES,
              plan.payloadBytes());
      Stream stream = new Stream(i, address, template, plan.subscribers(), plan.window());
      streams.add(stream);
      LoadPublisher sender =
          new LoadPublisher(
              fleet.member(i), fleet.clientId("p" + i), List.of(stream), plan.window());
      senders.add(sender);
      for (int j = 0; j < plan.subscribers(); j++) {
        LoadSubscriber subscriber =
            new LoadSubscriber(
                fleet.member(i + j),
                fleet.clientId("s" + subscribers.size()),
                stream,
                plan.subscribeQos(),
                fleet.session(plan.persistent() ? SESSION_EXPIRY_SECONDS : 0));
        subscriber.from(sender);
        subscribers.add(subscriber);
      }
    }
  }

  private void send(Fleet fleet, long startNanos, long endNanos) {
    for (int i = 0; i < fleet.size(); i++) {
      var loop = fleet.loop(i);
      List<LoadPublisher> own = fleet.onLoop(i, senders);
      if (own.isEmpty()) {
        continue;
      }
      if (plan.isPaced()) {
        double share = plan.messagesPerSecond() * own.size() / senders.size();
        Pacer pacer = new Pacer(own, share, startNanos, endNanos);
        pacers.add(pacer);
        loop.execute(() -> pacer.start(loop));
      } else {
        loop.execute(() -> own.forEach(each -> each.start(Schedule.until(endNanos))));
      }
    }
  }

  private LoadReport report(Tally tally, Cost before, Cost after) {
    List<Figure> figures = new ArrayList<>();
    double seconds = before.secondsUntil(after);
    long sent = streams.stream().mapToLong(Stream::sent).sum();
    long unsent = pacers.stream().mapToLong(Pacer::total).sum() - (plan.isPaced() ? sent : 0);
    figures.add(
        new Figure("deliveriesPerSecond", "deliveries per second", tally.measured / seconds, 0));
    figures.add(Figure.of("deliveries", "deliveries measured", tally.measured));
    figures.add(new Figure("seconds", "seconds measured", seconds, 1));
    Quantiles.show(figures, "latency", "latency", tally.latencyNanos);
    if (plan.isPaced()) {
      figures.add(
          new Figure("sentLateMillisMax", "sent late, at most (ms)", tally.lagNanosMax / 1e6, 2));
      figures.add(Figure.of("unsent", "due and never sent", unsent));
    }
    boolean serverIsKnown = !target.processes().isEmpty();
    Cpu cpu = before.cpuUntil(after);
    cpu.show(figures, serverIsKnown, "", "");
    cpu.showPer(figures, serverIsKnown, Cpu.Unit.DELIVERY, tally.measured);
    figures.add(Figure.of("sent", "messages sent, with warm-up", sent));
    LoadVerdict verdict = LoadVerdict.of(subscribers);
    verdict.show(figures, tally);
    return new LoadReport(
        title(),
        figures,
        List.of(),
        verdict.isGood(tally) && unsent == 0 && tally.measured > 0,
        tally.examples);
  }

  private String title() {
    return String.format(
        Locale.ROOT,
        "%s: %s, %d publishers, %d subscribers each, QoS %d to %d, %d bytes, %s%s",
        plan.name(),
        target.endpoint(),
        plan.publishers(),
        plan.subscribers(),
        plan.publishQos(),
        plan.subscribeQos(),
        plan.payloadBytes(),
        plan.isPaced()
            ? "%.0f messages per second".formatted(plan.messagesPerSecond())
            : "window " + plan.window(),
        plan.persistent() ? ", persistent sessions" : "");
  }
}
