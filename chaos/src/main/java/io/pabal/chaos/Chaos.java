// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos;

import io.pabal.chaos.client.Traffic;
import io.pabal.chaos.history.Event;
import io.pabal.chaos.history.HistoryFile;
import io.pabal.chaos.history.HistoryWriter;
import io.pabal.chaos.judge.Judge;
import io.pabal.chaos.judge.Verdict;
import io.pabal.chaos.judge.Violation;
import io.pabal.chaos.plan.Fault;
import io.pabal.chaos.plan.FaultPlan;
import io.pabal.chaos.plan.ProcessKind;
import io.pabal.chaos.process.FaultInjector;
import io.pabal.chaos.process.PartCommands;
import io.pabal.chaos.process.Pipeline;
import io.pabal.chaos.process.RedisCluster;
import io.pabal.chaos.process.TopicReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One run: starts the pipeline and the clients, injects the planned faults, waits until the
 * pipeline has recovered and every message has arrived, and judges the history.
 *
 * <pre>
 *   parts ready ─► subscribers ready ─► traffic and faults ─► both over ─► parts ready
 *     ─► all acknowledged, all connected ─► nothing is missing, or nothing more arrives ─► verdict
 * </pre>
 */
public final class Chaos {

  private static final Duration SUBSCRIBE_TIMEOUT = Duration.ofMinutes(10);
  private static final Duration SETTLE_TIMEOUT = Duration.ofMinutes(10);

  /** How long a run may continue beyond its duration to inject all planned faults. */
  private static final Duration BEYOND_MAX = Duration.ofMinutes(10);

  /** How long the run waits while none of the missing messages arrives. */
  private static final Duration ARRIVE_TIMEOUT = Duration.ofMinutes(2);

  private static final long ARRIVE_POLL_MILLIS = 5_000;

  private final ChaosOptions options;
  private final PrintWriter err;
  private final Path historyPath;
  private final HistoryWriter history;

  private Chaos(ChaosOptions options, PrintWriter err) throws IOException {
    Files.createDirectories(options.directory().resolve("data"));
    this.options = options;
    this.err = err;
    this.historyPath = options.directory().resolve("history.jsonl");
    this.history = HistoryWriter.create(historyPath);
  }

  /**
   * Runs and judges. Blocks for the run's duration and some minutes more.
   *
   * @param err gets the progress messages
   * @throws IllegalStateException when the pipeline or the subscribers are not ready in time
   * @throws IOException when the history or a part's files cannot be written
   */
  public static Outcome run(ChaosOptions options, PrintWriter err)
      throws IOException, InterruptedException {
    return new Chaos(options, err).run();
  }

  /**
   * The result of a run.
   *
   * @param verdict the judge's verdict
   * @param history the file that was judged
   */
  public record Outcome(Verdict verdict, HistoryFile history) {}

  private Outcome run() throws IOException, InterruptedException {
    Set<ProcessKind> parts =
        options.redisCluster() ? ProcessKind.onRedisCluster() : ProcessKind.onOneRedis();
    List<Fault> plan = FaultPlan.of(options.seed(), options.duration(), options.kinds(), parts);
    say("%d faults planned, everything in %s".formatted(plan.size(), options.directory()));
    Verdict verdict;
    try (history;
        RedisCluster redis = options.redisCluster() ? RedisCluster.start(redisData()) : null) {
      verdict = runOn(redis, plan);
    }
    if (verdict.ok() && !options.keep()) {
      Directories.delete(data());
      Directories.delete(logs());
    }
    return new Outcome(verdict, new HistoryFile(historyPath).compress());
  }

  private Verdict runOn(@Nullable RedisCluster redis, List<Fault> plan)
      throws IOException, InterruptedException {
    PartCommands commands =
        new PartCommands(
            data(),
            options.mainClass(),
            options.timelineMessages(),
            redis == null ? null : redis.uri(),
            options.freePort());
    try (Pipeline pipeline = Pipeline.start(commands, redis, logs(), history);
        Traffic traffic = traffic(commands)) {
      runPlan(plan, pipeline, new FaultInjector(pipeline, commands, redis, history, err), traffic);
      return awaitVerdict(commands);
    }
  }

  private void runPlan(List<Fault> plan, Pipeline pipeline, FaultInjector injector, Traffic traffic)
      throws InterruptedException {
    say("parts ready, subscribing");
    if (!traffic.subscribe(SUBSCRIBE_TIMEOUT)) {
      throw new IllegalStateException(
          "subscribers: not ready after %d s, before any fault. See %s."
              .formatted(SUBSCRIBE_TIMEOUT.toSeconds(), logs()));
    }
    say("subscribed, faults begin");
    double minutes = options.duration().toMillis() / 60_000.0;
    history.record(at -> new Event.RunStarted(at, options.seed(), minutes));
    long endNanos = System.nanoTime() + options.duration().toNanos();
    traffic.publish();
    Duration faultsEnd = options.messagesMin() == 0 ? options.duration() : BEYOND_MAX;
    injector.run(plan, faultsEnd);
    Thread.sleep(Math.max(0, (endNanos - System.nanoTime()) / 1_000_000));
    if (!traffic.awaitAcknowledged(options.messagesMin(), BEYOND_MAX)) {
      say("fewer messages than --messages were acknowledged");
    }
    say("faults and traffic over, waiting for all parts");
    traffic.finish();
    List<ProcessKind> late = pipeline.awaitReady();
    if (!late.isEmpty()) {
      say("not ready: " + late);
    }
    say("waiting for what is not acknowledged, and for subscribers");
    if (!traffic.awaitSettled(SETTLE_TIMEOUT)) {
      say("not everything was acknowledged, or not every subscriber is back");
    }
  }

  /**
   * Judges repeatedly until no message is missing, or until none of the missing messages has
   * arrived for {@link #ARRIVE_TIMEOUT}. A slow machine may need long for all of them.
   */
  private Verdict awaitVerdict(PartCommands commands) throws IOException, InterruptedException {
    say("waiting for what has not arrived");
    HistoryFile file = new HistoryFile(historyPath);
    int fewest = Integer.MAX_VALUE;
    long progressNanos = System.nanoTime();
    while (true) {
      Thread.sleep(ARRIVE_POLL_MILLIS);
      history.flush();
      List<Event> topics = new ArrayList<>();
      new TopicReader(commands.bootstrapServers()).read(topics::add);
      Verdict verdict =
          Judge.judge(
              action -> {
                file.forEach(action);
                topics.forEach(action);
              });
      int missing = verdict.figures().violations().getOrDefault(Violation.Kind.LOST, 0);
      if (missing < fewest) {
        fewest = missing;
        progressNanos = System.nanoTime();
      }
      if (missing == 0 || System.nanoTime() - progressNanos > ARRIVE_TIMEOUT.toNanos()) {
        topics.forEach(history::write);
        history.close();
        return Judge.judge(file);
      }
    }
  }

  private Traffic traffic(PartCommands commands) {
    Map<String, Integer> connectors = new TreeMap<>();
    for (ProcessKind part :
        List.of(ProcessKind.CONNECTOR_1, ProcessKind.CONNECTOR_2, ProcessKind.CONNECTOR_3)) {
      connectors.put(part.label(), commands.port(part));
    }
    return new Traffic(
        connectors,
        options.publishers(),
        options.subscribers(),
        options.perSecond(),
        history,
        options.seed());
  }

  private Path data() {
    return options.directory().resolve("data");
  }

  private Path redisData() {
    return data().resolve("redis-cluster");
  }

  private Path logs() {
    return options.directory().resolve("logs");
  }

  private void say(String what) {
    err.println("chaos: " + what);
    err.flush();
  }
}
