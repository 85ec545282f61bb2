// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.bench.pipeline;

import static io.pabal.command.Bounds.between;

import io.pabal.bench.rest.RestBench;
import io.pabal.bench.rest.RestPlan;
import io.pabal.bench.rest.RestReport;
import io.pabal.command.ExitCode;
import io.pabal.command.Pabal;
import io.pabal.embedded.FreePort;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pabal bench rest}: what a Pabal costs with nothing to do. */
@Command(
    name = "rest",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Starts pabal up, and then each role as a process of its own, lets nobody connect, and measures their",
      "processor time (Linux only). Exits with 1 when pabal up takes more than --percent-max of a core."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  pabal bench rest", "  pabal bench rest --settle 60 --seconds 60 --up-only"})
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class RestCommand implements Callable<Integer> {

  private static final int SECONDS_MAX = 86_400;

  @Option(
      names = "--settle",
      paramLabel = "S",
      defaultValue = "120",
      description = "Rest before it is measured, in which compilers finish (default: 120).")
  private int settleSeconds;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "120",
      description = "How long it is measured (default: 120).")
  private int seconds;

  @Option(
      names = "--percent-max",
      paramLabel = "N",
      defaultValue = "5",
      description = "What pabal up may take of a core (default: 5).")
  private double percentMax;

  @Option(names = "--up-only", description = "Leave out the roles as processes of their own.")
  private boolean upOnly;

  @Mixin private OwnPipelineOptions pipeline;

  @Override
  public Integer call() throws Exception {
    between("--settle", settleSeconds, 0, SECONDS_MAX);
    between("--seconds", seconds, 1, SECONDS_MAX);
    between("--percent-max", percentMax, 0, 1_000);
    var plan =
        new RestPlan(
            Pabal.class.getName(),
            pipeline.directory(),
            FreePort::find,
            Duration.ofSeconds(settleSeconds),
            Duration.ofSeconds(seconds),
            !upOnly);
    RestReport report = new RestBench(plan, pipeline::tell).run();
    pipeline.print(report::printTable, report::printJson);
    return report.together().percent() <= percentMax ? ExitCode.OK : ExitCode.FAILED;
  }
}
