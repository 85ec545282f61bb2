// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.command.ExitCode;
import io.pabal.command.Pabal;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A connector that is a process of its own, and all of whose sessions come at once. */
class StormCommandTest {

  @TempDir Path directory;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void shouldRefuseSomeOnlyWhereThereIsAdmission() {
    int exitCode =
        Pabal.commandLine()
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(
                "bench",
                "storm",
                "--rounds=1",
                "--sessions=300",
                "--resumes-per-second=50",
                "--data=" + directory.resolve("data"),
                "--format=json");

    assertThat(exitCode).as("%s%s", out, err).isEqualTo(ExitCode.OK);
    assertThat(out.toString())
        .containsPattern("\"admission\":true,\"allBackMillis\":\\d+,\"refused\":[1-9]")
        .containsPattern("\"admission\":false,\"allBackMillis\":\\d+,\"refused\":0,")
        .endsWith("\"violations\":0}\n");
  }
}
