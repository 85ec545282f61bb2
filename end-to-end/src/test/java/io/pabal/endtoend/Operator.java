// SPDX-License-Identifier: Apache-2.0
package io.pabal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.command.Pabal;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Somebody who runs commands against a pipeline.
 *
 * @param flags say where it is
 */
record Operator(List<String> flags) {

  /** What a command printed, and its exit code. */
  record Run(int exitCode, String out, String err) {
    /** A number of a JSON document. */
    long number(String name) {
      Matcher found = Pattern.compile("\"" + name + "\" : (\\d+)").matcher(out);
      assertThat(found.find()).as("%s in %s", name, this).isTrue();
      return Long.parseLong(found.group(1));
    }
  }

  /** An operator of {@code pipeline}. */
  static Operator of(Pipeline pipeline) {
    return new Operator(
        List.of(
            "--bootstrap-servers",
            pipeline.bootstrapServers(),
            "--redis-uri",
            pipeline.redisUri().toString()));
  }

  /** The same one with more flags. */
  Operator with(String... more) {
    List<String> all = new ArrayList<>(flags);
    all.addAll(List.of(more));
    return new Operator(all);
  }

  /** Runs a command. */
  Run run(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(flags);
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode =
        Pabal.commandLine()
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(all.toArray(String[]::new));
    return new Run(exitCode, out.toString(), err.toString());
  }
}
