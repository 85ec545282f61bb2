// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.bench.pipeline;

import io.pabal.command.output.OutputOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The flags of all commands that start the pipeline that they measure. */
@SuppressWarnings("NullAway.Init") // picocli sets the fields
final class OwnPipelineOptions {

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "A new directory for data and logs (default: one for temporary files).")
  private @Nullable Path data;

  @Mixin private OutputOptions output;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  /** The directory of the pipeline's data and logs. */
  Path directory() throws IOException {
    return data == null ? Files.createTempDirectory("pabal-bench") : data;
  }

  /** Prints the progress of the measurement on the command's error output. */
  void tell(String progress) {
    spec.commandLine().getErr().println("pabal: " + progress);
  }

  /** Prints the report in the requested format on the command's output. */
  void print(Consumer<PrintWriter> table, Consumer<PrintWriter> json) {
    output.print(table, json);
  }
}
