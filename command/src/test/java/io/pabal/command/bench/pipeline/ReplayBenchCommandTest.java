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

class ReplayBenchCommandTest {

  @TempDir Path directory;

  @Test
  void shouldReportRateAndLatency() {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();

    int exitCode =
        Pabal.commandLine()
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(
                "bench",
                "replay",
                "--messages=2000",
                "--addresses=100",
                "--rate=100",
                "--baseline-seconds=1",
                "--data=" + directory.resolve("data"),
                "--format=json");

    assertThat(exitCode).as("%s%s", out, err).isEqualTo(ExitCode.OK);
    assertThat(out.toString())
        .containsPattern("\"messagesRead\":[1-9].*\"during\":\\{\"count\":[1-9].*\"violations\":0");
  }
}
