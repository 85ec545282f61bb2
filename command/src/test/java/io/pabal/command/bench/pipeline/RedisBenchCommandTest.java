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

class RedisBenchCommandTest {

  @TempDir Path directory;

  @Test
  void shouldReportEachKindOfWork() {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();

    int exitCode =
        Pabal.commandLine()
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(
                "bench",
                "redis",
                "--sessions=100",
                "--seconds=1",
                "--rounds=1",
                "--sizes=8",
                "--data=" + directory.resolve("data"),
                "--format=json");

    assertThat(exitCode).as("%s%s", out, err).isEqualTo(ExitCode.OK);
    assertThat(out.toString())
        .containsPattern("\"unit\":\"checkpoints\",\"perScript\":8,\"perSecond\":[1-9]")
        .containsPattern("\"unit\":\"claims\",\"perScript\":1,\"perSecond\":[1-9]")
        .containsPattern("\"unit\":\"appends\",\"perScript\":500,\"perSecond\":[1-9]");
  }
}
