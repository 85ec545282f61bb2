// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.micro;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.Collection;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.NoBenchmarksException;
import org.openjdk.jmh.runner.ProfilersFailedException;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Runs benchmarks, each in JVMs of its own with this JVM's class path and options. */
public final class MicroBench {

  private static final TimeValue ITERATION = TimeValue.milliseconds(250);

  private final MicroPlan plan;
  private final PrintStream log;

  /** A run that says what it does to {@code log}. */
  public MicroBench(MicroPlan plan, PrintStream log) {
    this.plan = plan;
    this.log = log;
  }

  /**
   * Measures. Blocks for minutes.
   *
   * @throws IllegalArgumentException when no benchmark has such a name, or a profiler is not known
   * @throws RunnerException when a benchmark failed
   */
  public Collection<RunResult> run() throws RunnerException {
    var options =
        new OptionsBuilder()
            .include(plan.include())
            .forks(plan.forks())
            .warmupIterations(plan.iterations())
            .warmupTime(ITERATION)
            .measurementIterations(plan.iterations())
            .measurementTime(ITERATION)
            .shouldFailOnError(true);
    plan.profilers().forEach(options::addProfiler);
    try {
      return new Runner(
              options.build(), OutputFormatFactory.createFormatInstance(log, VerboseMode.NORMAL))
          .run();
    } catch (NoBenchmarksException | ProfilersFailedException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /** Writes lines for people. */
  public static void printTable(Collection<RunResult> results, PrintWriter out) {
    print(results, ResultFormatType.TEXT, out);
  }

  /** Writes JMH's JSON: an array with an object per benchmark. */
  public static void printJson(Collection<RunResult> results, PrintWriter out) {
    print(results, ResultFormatType.JSON, out);
  }

  private static void print(
      Collection<RunResult> results, ResultFormatType format, PrintWriter out) {
    var text = new ByteArrayOutputStream();
    ResultFormatFactory.getInstance(format, new PrintStream(text, true, UTF_8)).writeOut(results);
    out.println(text.toString(UTF_8).strip());
    out.flush();
  }
}
