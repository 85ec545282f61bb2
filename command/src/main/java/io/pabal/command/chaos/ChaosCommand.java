// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.chaos;

import io.pabal.chaos.Chaos;
import io.pabal.chaos.ChaosOptions;
import io.pabal.chaos.history.HistoryFile;
import io.pabal.chaos.judge.Judge;
import io.pabal.chaos.judge.Verdict;
import io.pabal.chaos.plan.FaultKind;
import io.pabal.command.ExitCode;
import io.pabal.command.Pabal;
import io.pabal.command.UsageException;
import io.pabal.command.output.Printable;
import io.pabal.embedded.FreePort;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code pabal chaos}: runs off-the-shelf clients under random faults and checks whether messages
 * were lost.
 */
@Command(
    name = "chaos",
    mixinStandardHelpOptions = true,
    description = {
      "Runs Kafka, Redis, a timeline writer, two routers and three connectors as processes on"
          + " loopback, with",
      "publishers and persistent subscribers; kills, pauses and restarts the parts at random,"
          + " flushes Redis;",
      "then checks that every acknowledged message reached every subscriber, in order. Prints one"
          + " line of figures."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  pabal chaos --seed 7 --minutes 5",
      "  pabal chaos --seed 7 --minutes 2 --faults kill,pause --keep",
      "  pabal chaos --seed 7 --redis cluster",
      "  pabal chaos --judge chaos-7/history.jsonl.gz",
      "",
      "Exit codes: 0 nothing was broken, 1 something was, or the run failed, 2 wrong usage."
    })
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class ChaosCommand implements Callable<Integer> {

  private static final int VIOLATIONS_SHOWN_MAX = 20;
  private static final int DETAIL_CHARS_MAX = 4_096;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "What faults and clients are drawn from (default: 1).")
  private long seed;

  @Option(
      names = "--minutes",
      paramLabel = "M",
      defaultValue = "5",
      description = "How long there is traffic and faults (default: 5).")
  private double minutes;

  @Option(
      names = "--messages",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Go on beyond --minutes until all planned faults have happened and so many messages are acknowledged, for a slow machine (default: 0, end on time).")
  private long messagesMin;

  @Option(
      names = "--faults",
      paramLabel = "KIND",
      split = ",",
      description =
          "kill, pause, restart, flush and, on a cluster, move; several with commas (default: all).")
  private @Nullable Set<String> kinds;

  @Option(
      names = "--redis",
      paramLabel = "KIND",
      defaultValue = "single",
      description =
          "single, or cluster: a Redis Cluster of three primaries with a replica each, which are killed, paused, restarted and flushed one by one, and whose slots move (default: single).")
  private RedisKind redis;

  /** What the pipeline keeps its sessions in. */
  enum RedisKind {
    single,
    cluster
  }

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "A new directory for data, logs and history (default: ./chaos-SEED).")
  private @Nullable Path data;

  @Option(names = "--keep", description = "Keep data and logs also when nothing was broken.")
  private boolean keep;

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "200",
      description = "Messages published per second (default: 200).")
  private int perSecond;

  @Option(
      names = "--publishers",
      paramLabel = "N",
      defaultValue = "6",
      description = "How many publishers (default: 6).")
  private int publishers;

  @Option(
      names = "--subscribers",
      paramLabel = "N",
      defaultValue = "32",
      description = "How many persistent subscribers (default: 32).")
  private int subscribers;

  @Option(
      names = "--timeline-messages",
      paramLabel = "N",
      defaultValue = "200",
      description =
          "Messages of an address that Redis keeps; older ones come from Kafka (default: 200).")
  private int timelineMessages;

  @Option(
      names = "--judge",
      paramLabel = "FILE",
      description = "Run nothing; judge the history of an earlier run.")
  private @Nullable Path judged;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (judged != null) {
      return report(Judge.judge(new HistoryFile(judged)));
    }
    ChaosOptions options = options();
    PrintWriter err = spec.commandLine().getErr();
    Chaos.Outcome outcome = Chaos.run(options, err);
    err.println("chaos: history in " + outcome.history().path());
    if (!outcome.verdict().ok()) {
      err.println("chaos: data and logs in " + options.directory());
    }
    return report(outcome.verdict());
  }

  private int report(Verdict verdict) {
    PrintWriter err = spec.commandLine().getErr();
    verdict.violations().stream()
        .limit(VIOLATIONS_SHOWN_MAX)
        .forEach(
            each ->
                err.printf(
                    "%s at %d: %s%n",
                    each.kind().label(),
                    each.atMillis(),
                    Printable.of(each.detail(), DETAIL_CHARS_MAX)));
    err.println("chaos: longest pause: " + verdict.longestPause());
    err.flush();
    spec.commandLine().getOut().println(verdict.figures().line());
    spec.commandLine().getOut().flush();
    return verdict.ok() ? ExitCode.OK : ExitCode.FAILED;
  }

  private ChaosOptions options() throws IOException {
    Path directory = data == null ? Path.of("chaos-" + seed) : data;
    checkNew(directory);
    if (messagesMin < 0) {
      throw new UsageException("--messages: %d (expected: 0 or more).".formatted(messagesMin));
    }
    checkPositive("--rate", perSecond);
    checkPositive("--publishers", publishers);
    checkPositive("--subscribers", subscribers);
    checkPositive("--timeline-messages", timelineMessages);
    if (!(minutes > 0 && minutes <= 24 * 60)) {
      throw new UsageException(
          "--minutes: %s (expected: more than 0, at most 1440).".formatted(minutes));
    }
    return new ChaosOptions(
        seed,
        Duration.ofMillis(Math.round(minutes * 60_000)),
        messagesMin,
        faultKinds(),
        redis == RedisKind.cluster,
        directory.toAbsolutePath().normalize(),
        keep,
        perSecond,
        publishers,
        subscribers,
        timelineMessages,
        Pabal.class.getName(),
        FreePort::find);
  }

  private Set<FaultKind> faultKinds() {
    if (kinds == null) {
      return EnumSet.allOf(FaultKind.class);
    }
    Set<FaultKind> chosen = EnumSet.noneOf(FaultKind.class);
    for (String kind : kinds) {
      chosen.add(
          Stream.of(FaultKind.values())
              .filter(each -> each.label().equals(kind))
              .findFirst()
              .orElseThrow(
                  () ->
                      new UsageException(
                          "--faults: %s (expected: kill, pause, restart, flush, move)."
                              .formatted(kind))));
    }
    return chosen;
  }

  private static void checkPositive(String option, int value) {
    if (value < 1) {
      throw new UsageException("%s: %d (expected: 1 or more).".formatted(option, value));
    }
  }

  private static void checkNew(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    if (Files.isDirectory(directory)) {
      try (Stream<Path> entries = Files.list(directory)) {
        if (entries.findAny().isEmpty()) {
          return;
        }
      }
    }
    throw new UsageException(
        "--data: %s (expected: a new or empty directory). Choose another one with --data."
            .formatted(directory));
  }
}
