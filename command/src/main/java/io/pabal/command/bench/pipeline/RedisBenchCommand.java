// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.bench.pipeline;

import static io.pabal.command.Bounds.between;

import io.pabal.bench.redis.RedisBench;
import io.pabal.bench.redis.RedisPlan;
import io.pabal.bench.redis.RedisReport;
import io.pabal.command.ExitCode;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pabal bench redis}: what one primary of Redis takes. */
@Command(
    name = "redis",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measures what one primary of Redis takes: checkpoints of sessions, claims of sessions and appends to timelines, each",
      "a second, in processor time, and for each core of Redis. Starts a Redis of its own on loopback."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  pabal bench redis",
      "  pabal bench redis --sessions 10000 --seconds 2 --rounds 1 --sizes 1,4,16,64"
    })
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class RedisBenchCommand implements Callable<Integer> {

  @Option(
      names = "--sessions",
      paramLabel = "N",
      defaultValue = "100000",
      description =
          "Sessions that are checkpointed, in turn, and as many that are claimed (default: 100000, some 98 in each bucket).")
  private int sessions;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "5",
      description = "How long each kind of work is measured in each round (default: 5).")
  private int seconds;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "3",
      description =
          "How often all kinds are measured, in turn, after a round that does not count (default: 3).")
  private int rounds;

  @Option(
      names = "--sizes",
      paramLabel = "N,N",
      split = ",",
      defaultValue = "1,64",
      description =
          "Sessions of a bucket that share a script of checkpoints, at most (default: 1,64; connectors: up to 64).")
  private List<Integer> sizes;

  @Mixin private OwnPipelineOptions pipeline;

  @Override
  public Integer call() throws Exception {
    between("--sessions", sessions, 1, 1_000_000);
    between("--seconds", seconds, 1, 3_600);
    between("--rounds", rounds, 1, 100);
    for (int size : sizes) {
      between("--sizes", size, 1, 1_000);
    }
    var plan =
        new RedisPlan(pipeline.directory(), sessions, Duration.ofSeconds(seconds), rounds, sizes);
    RedisReport report = new RedisBench(plan, pipeline::tell).run();
    pipeline.print(report::printTable, report::printJson);
    return ExitCode.OK;
  }
}
