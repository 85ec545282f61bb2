// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.bench.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.command.ExitCode;
import io.pabal.command.Pabal;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A connector and its clients in one process, the rest of a pipeline in others. */
class HoldCommandTest {

  @TempDir Path directory;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void shouldHoldEverySessionAndLoseNothing() {
    int exitCode =
        execute(
            "--sessions=500",
            "--window=50",
            "--heap=256m",
            "--seconds=3",
            "--keep-alive=5",
            "--rate=100",
            "--data=" + directory.resolve("data"),
            "--format=json");

    assertThat(exitCode).as("%s%s", out, err).isEqualTo(ExitCode.OK);
    assertThat(out.toString())
        .contains("\"good\":true")
        .containsPattern("\"pings\":[1-9]\\d{2,}")
        .containsPattern("\"class:io.pabal.connector.session.Session\":[1-9]");
  }

  @Test
  void shouldRefuseFewerSessionsThanCanBeProbed() {
    int exitCode = execute("--sessions=99");

    assertThat(exitCode).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("--sessions: 99 (expected: 100-10000000).");
  }

  private int execute(String... options) {
    String[] arguments = new String[options.length + 2];
    arguments[0] = "bench";
    arguments[1] = "hold";
    System.arraycopy(options, 0, arguments, 2, options.length);
    return Pabal.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }
}
