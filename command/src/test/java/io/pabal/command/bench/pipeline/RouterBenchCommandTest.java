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

class RouterBenchCommandTest {

  @TempDir Path directory;

  @Test
  void shouldMeasureBothInTurns() {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();

    int exitCode =
        Pabal.commandLine()
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(
                "bench",
                "router",
                "--messages=20000",
                "--addresses=50",
                "--rounds=1",
                "--data=" + directory.resolve("data"),
                "--format=json");

    assertThat(exitCode).as("%s%s", out, err).isEqualTo(ExitCode.OK);
    assertThat(out.toString())
        .containsPattern(
            "\"passThrough\":\\[\\{\"recordsPerSecond\":[1-9].*\"router\":\\[\\{\"recordsPerSecond\":[1-9]");
  }
}
