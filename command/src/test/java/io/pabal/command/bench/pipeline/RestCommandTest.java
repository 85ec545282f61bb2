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

class RestCommandTest {

  @TempDir Path directory;

  @Test
  void shouldReportTheProcessorTimeOfEachProcess() {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();

    int exitCode =
        Pabal.commandLine()
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(
                "bench",
                "rest",
                "--settle=0",
                "--seconds=1",
                "--percent-max=1000",
                "--up-only",
                "--data=" + directory.resolve("data"),
                "--format=json");

    assertThat(exitCode).as("%s%s", out, err).isEqualTo(ExitCode.OK);
    assertThat(out.toString())
        .contains("\"name\":\"up: JVM\"", "\"name\":\"up: redis-server\"")
        .containsPattern("^\\{\"percent\":[0-9]+");
  }
}
