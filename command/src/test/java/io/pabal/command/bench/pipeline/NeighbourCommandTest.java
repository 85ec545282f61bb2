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

/** Connectors that are processes of their own, one of which is killed under traffic. */
class NeighbourCommandTest {

  @TempDir Path directory;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void shouldLoseNothingWhenNeighbourIsKilled() {
    int exitCode =
        Pabal.commandLine()
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(
                "bench",
                "neighbour",
                "--kills=1",
                "--sessions=50",
                "--rate=100",
                "--warm-up-seconds=0",
                "--data=" + directory.resolve("data"),
                "--format=json");

    assertThat(exitCode).as("%s%s", out, err).isEqualTo(ExitCode.OK);
    assertThat(out.toString())
        .contains("\"around\":{\"messages\":")
        .endsWith("\"violations\":0}\n");
  }
}
