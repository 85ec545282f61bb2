// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.bench.pipeline;

import static io.pabal.command.Bounds.between;

import io.pabal.bench.redis.RedisBench;
import io.pabal.bench.redis.RedisRate;
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
      "Measures how many checkpoints of sessions, and how many appends to timelines, one primary of Redis takes: a second,",
      "and for each core of Redis. Starts a Redis of its own on loopback."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  pabal bench redis", "  pabal bench redis --sessions 100000 --seconds 30"})
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class RedisBenchCommand implements Callable<Integer> {

  @Option(
      names = "--sessions",
      paramLabel = "N",
      defaultValue = "10000",
      description = "Sessions whose cursors are checkpointed, in turn (default: 10000).")
  private int sessions;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "10",
      description = "How long each is measured, after as long a warm-up (default: 10).")
  private int seconds;

  @Mixin private OwnPipelineOptions pipeline;

  @Override
  public Integer call() throws Exception {
    between("--sessions", sessions, 1, 1_000_000);
    between("--seconds", seconds, 1, 3_600);
    List<RedisRate> rates =
        new RedisBench(pipeline.directory(), sessions, Duration.ofSeconds(seconds), pipeline::tell)
            .run();
    pipeline.print(out -> RedisRate.printTable(rates, out), out -> RedisRate.printJson(rates, out));
    return ExitCode.OK;
  }
}
