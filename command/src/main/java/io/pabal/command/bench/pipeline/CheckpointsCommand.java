// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.bench.pipeline;

import static io.pabal.command.Bounds.between;

import io.pabal.bench.checkpoint.CheckpointBench;
import io.pabal.bench.checkpoint.CheckpointPlan;
import io.pabal.bench.checkpoint.CheckpointReport;
import io.pabal.command.ExitCode;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pabal bench checkpoints}: what the checkpoint of a session costs Redis. */
@Command(
    name = "checkpoints",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measures how many checkpoints of sessions a core of Redis takes, by the number of sessions",
      "that share a script. Starts a Redis of its own on loopback."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  pabal bench checkpoints",
      "  pabal bench checkpoints --sessions 10000 --seconds 2 --rounds 1 --sizes 1,64"
    })
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class CheckpointsCommand implements Callable<Integer> {

  @Option(
      names = "--sessions",
      paramLabel = "N",
      defaultValue = "100000",
      description = "Sessions in Redis (default: 100000).")
  private int sessions;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "5",
      description = "How long each size is measured in each round (default: 5).")
  private int seconds;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "3",
      description = "How often the sizes are measured, in turn (default: 3).")
  private int rounds;

  @Option(
      names = "--sizes",
      paramLabel = "N,N",
      split = ",",
      defaultValue = "1,4,16,64,256",
      description = "Sessions that share a script (default: 1,4,16,64,256).")
  private List<Integer> sizes;

  @Mixin private OwnPipelineOptions pipeline;

  @Override
  public Integer call() throws Exception {
    between("--sessions", sessions, 1, 10_000_000);
    between("--seconds", seconds, 1, 3_600);
    between("--rounds", rounds, 1, 100);
    for (int size : sizes) {
      between("--sizes", size, 1, 1_000);
    }
    var plan = new CheckpointPlan(pipeline.directory(), sessions, seconds, rounds, sizes);
    CheckpointReport report = new CheckpointBench(plan, pipeline::tell).run();
    pipeline.print(report::printTable, report::printJson);
    return ExitCode.OK;
  }
}
