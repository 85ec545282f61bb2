// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.output;

import java.io.PrintWriter;
import java.util.function.Consumer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The flag of a command that prints a table or JSON. */
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class OutputOptions {

  @Option(
      names = "--format",
      paramLabel = "NAME",
      defaultValue = "table",
      description = "table or json (default: table).")
  private Format format;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  /** The requested format. */
  public Format format() {
    return format;
  }

  /** Prints {@code table} in the requested format, on the command's out. */
  public void print(Table table) {
    var commandLine = spec.commandLine();
    print(
        out -> table.printText(out, commandLine.getColorScheme().ansi()),
        out -> out.println(Json.document(table.toJson())));
  }

  /** Prints the requested format on the command's out, by {@code table} or {@code json}. */
  public void print(Consumer<PrintWriter> table, Consumer<PrintWriter> json) {
    PrintWriter out = spec.commandLine().getOut();
    switch (format) {
      case TABLE -> table.accept(out);
      case JSON -> json.accept(out);
    }
    out.flush();
  }
}
