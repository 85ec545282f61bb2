// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.bench.pipeline;

import static io.pabal.command.Bounds.between;

import io.pabal.bench.storm.StormBench;
import io.pabal.bench.storm.StormPlan;
import io.pabal.bench.storm.StormReport;
import io.pabal.command.ExitCode;
import io.pabal.command.Pabal;
import io.pabal.embedded.FreePort;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pabal bench storm}: all sessions connect at once, with admission and without. */
@Command(
    name = "storm",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Kills a connector whose sessions all come to others at once, and measures the latency of those that are live",
      "at the first of these; with admission and without, in turn. Starts a whole pipeline of its own, as processes on loopback.",
      "Exits with 1 when a session was forgotten, or a message was lost or came out of order."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  pabal bench storm", "  pabal bench storm --rounds 1 --sessions 15000"})
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class StormCommand implements Callable<Integer> {

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "3",
      description = "Storms with admission, and as many without (default: 3).")
  private int rounds;

  @Option(
      names = "--warm-ups",
      paramLabel = "N",
      defaultValue = "1",
      description = {
        "Storms before each of these against the same connectors, that do not count (default: 1);",
        "0: connectors that have just started."
      })
  private int warmUps;

  @Option(
      names = "--sessions",
      paramLabel = "N",
      defaultValue = "10000",
      description =
          "Sessions that come at once (default: 10000). Each needs a file descriptor (ulimit -n).")
  private int sessions;

  @Option(
      names = "--targets",
      paramLabel = "N",
      defaultValue = "1",
      description = "Connectors that they come to (default: 1).")
  private int targets;

  @Option(
      names = "--waiting",
      paramLabel = "N",
      defaultValue = "3",
      description = "Messages that wait for each of them (default: 3).")
  private int waiting;

  @Option(
      names = "--resumes-per-second-max",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "admission.resumesPerSecondMax where there is admission (default: 0, no limit).")
  private int resumesPerSecondMax;

  @Option(
      names = "--resumes-in-flight-max",
      paramLabel = "N",
      defaultValue = "2000",
      description = "admission.resumesInFlightMax where there is admission (default: 2000).")
  private int resumesInFlightMax;

  @Option(
      names = "--wait-millis",
      paramLabel = "N",
      defaultValue = "10000",
      description = "admission.waitMillis where there is admission (default: 10000).")
  private int waitMillis;

  @Mixin private OwnPipelineOptions pipeline;

  @Override
  public Integer call() throws Exception {
    between("--rounds", rounds, 1, 100);
    between("--warm-ups", warmUps, 0, 100);
    between("--sessions", sessions, 1, 1_000_000);
    between("--targets", targets, 1, 16);
    between("--waiting", waiting, 1, 10_000);
    between("--resumes-per-second-max", resumesPerSecondMax, 0, 1_000_000);
    between("--resumes-in-flight-max", resumesInFlightMax, 1, 1_000_000);
    between("--wait-millis", waitMillis, 0, 30_000);
    var plan =
        new StormPlan(
            Pabal.class.getName(),
            pipeline.directory(),
            FreePort::find,
            rounds,
            warmUps,
            sessions,
            targets,
            waiting,
            resumesPerSecondMax,
            resumesInFlightMax,
            waitMillis);
    StormReport report = new StormBench(plan, pipeline::tell).run();
    pipeline.print(report::printTable, report::printJson);
    return report.violations().isEmpty() ? ExitCode.OK : ExitCode.FAILED;
  }
}
