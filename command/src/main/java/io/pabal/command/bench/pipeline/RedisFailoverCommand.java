// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.bench.pipeline;

import static io.pabal.command.Bounds.between;

import io.pabal.bench.redis.failover.RedisFailoverBench;
import io.pabal.bench.redis.failover.RedisFailoverPlan;
import io.pabal.bench.redis.failover.RedisFailoverReport;
import io.pabal.command.ExitCode;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pabal bench redis-failover}: how long claims wait when a primary is replaced. */
@Command(
    name = "redis-failover",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Claims sessions on a Redis Cluster of three primaries with a replica each, replaces one primary after the other, and",
      "measures how long claims wait: those of the sessions on this primary, and all others. Starts the cluster on loopback.",
      "Exits with 1 when a session could not be claimed for a minute."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  pabal bench redis-failover",
      "  pabal bench redis-failover --how freeze",
      "  pabal bench redis-failover --how handover --failovers 10 --rate 2000"
    })
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class RedisFailoverCommand implements Callable<Integer> {

  @Option(
      names = "--failovers",
      paramLabel = "N",
      defaultValue = "5",
      description = "How often a primary is replaced, the primaries in turn (default: 5).")
  private int failovers;

  @Option(
      names = "--how",
      paramLabel = "HOW",
      defaultValue = "kill",
      description =
          "kill: by SIGKILL, freeze: by SIGSTOP, handover: by CLUSTER FAILOVER (default: kill).")
  private RedisFailoverPlan.How how;

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "1000",
      description =
          "Sessions claimed per second (default: 1000). A claim that fails is tried again after 100 ms.")
  private int claimsPerSecond;

  @Option(
      names = "--settle-seconds",
      paramLabel = "S",
      defaultValue = "3",
      description =
          "Undisturbed time before each failover, and as long observed after it (default: 3).")
  private int settleSeconds;

  @Mixin private OwnPipelineOptions pipeline;

  @Override
  public Integer call() throws Exception {
    between("--failovers", failovers, 1, 1_000);
    between("--rate", claimsPerSecond, 1, 5_000);
    between("--settle-seconds", settleSeconds, 0, 600);
    var plan =
        new RedisFailoverPlan(
            pipeline.directory(),
            failovers,
            how,
            claimsPerSecond,
            Duration.ofSeconds(settleSeconds));
    RedisFailoverReport report = new RedisFailoverBench(plan, pipeline::tell).run();
    pipeline.print(report::printTable, report::printJson);
    return report.isComplete() ? ExitCode.OK : ExitCode.FAILED;
  }
}
