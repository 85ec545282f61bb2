// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.bench;

import io.pabal.bench.micro.MicroBench;
import io.pabal.bench.micro.MicroPlan;
import io.pabal.command.ExitCode;
import io.pabal.command.output.Format;
import java.util.List;
import java.util.concurrent.Callable;
import org.openjdk.jmh.runner.RunnerException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code pabal bench micro}: the cost of each part that every message passes. */
@Command(
    name = "micro",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measures the parts that every message passes, one by one, with JMH.",
      "Without Kafka and sockets; only TimelineRedisBenchmark starts a Redis of its own."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  pabal bench micro",
      "  pabal bench micro FanOut --profile gc",
      "  pabal bench micro 'Publish|Routing' --iterations 8 --format json"
    })
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class MicroCommand implements Callable<Integer> {

  @Parameters(
      arity = "0..1",
      paramLabel = "REGEX",
      defaultValue = ".*",
      description = "Benchmarks whose name contains it (default: all).")
  private String include;

  @Option(
      names = "--profile",
      paramLabel = "NAME",
      split = ",",
      description = "Profilers of JMH: gc for bytes per operation, stack, ...")
  private List<String> profilers = List.of();

  @Option(
      names = "--forks",
      paramLabel = "N",
      defaultValue = "1",
      description = "JVMs per benchmark, one after the other (default: 1).")
  private int forks;

  @Option(
      names = "--iterations",
      paramLabel = "N",
      defaultValue = "20",
      description = "Iterations of 250 ms that count, after as many to warm up (default: 20).")
  private int iterations;

  @Option(
      names = "--format",
      paramLabel = "NAME",
      defaultValue = "table",
      description = "table or json, which is JMH's (default: table).")
  private Format format;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws RunnerException {
    if (forks < 1 || iterations < 1) {
      throw new ParameterException(
          spec.commandLine(),
          "--forks: %d, --iterations: %d (expected: at least 1 each)".formatted(forks, iterations));
    }
    var plan = new MicroPlan(include, profilers, forks, iterations);
    try {
      var results = new MicroBench(plan, System.err).run();
      var out = spec.commandLine().getOut();
      switch (format) {
        case TABLE -> MicroBench.printTable(results, out);
        case JSON -> MicroBench.printJson(results, out);
      }
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          spec.commandLine(),
          "REGEX: `%s`: %s (expected: part of a benchmark's name, and profilers that JMH has)"
              .formatted(include, e.getMessage()),
          e);
    }
    return ExitCode.OK;
  }
}
