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

/** One run of the {@code pabal} command in this JVM. */
record Run(int exitCode, String out, String err) {

  /** Against a pipeline, with output for programs. */
  static Run of(Pipeline pipeline, String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(
        List.of(
            "--bootstrap-servers",
            pipeline.bootstrapServers(),
            "--redis-uri",
            pipeline.redisUri().toString(),
            "--format",
            "json"));
    return of(all.toArray(String[]::new));
  }

  static Run of(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode =
        Pabal.commandLine()
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(arguments);
    return new Run(exitCode, out.toString(), err.toString());
  }

  /** A number that was printed. */
  long number(String name) {
    Matcher found = Pattern.compile("\"" + name + "\" : (\\d+)").matcher(out);
    assertThat(found.find()).as(name + " in " + out + err).isTrue();
    return Long.parseLong(found.group(1));
  }
}
