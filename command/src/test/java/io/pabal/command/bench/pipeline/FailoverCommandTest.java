// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.bench.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.command.ExitCode;
import io.pabal.command.Pabal;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Routers that are processes of their own, and are ended under traffic. */
class FailoverCommandTest {

  @TempDir Path directory;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @ParameterizedTest
  @CsvSource({"2, kill, classic", "1, term, streams"})
  void shouldLoseNothingWhenRouterEnds(int kills, String stop, String protocol) {
    int exitCode =
        Pabal.commandLine()
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(
                "bench",
                "failover",
                "--kills=" + kills,
                "--addresses=600",
                "--partitions=3",
                "--rate=300",
                "--settle-seconds=0",
                "--stop=" + stop,
                "--protocol=" + protocol,
                "--data=" + directory.resolve("data"),
                "--format=json");

    assertThat(exitCode).as("%s%s", out, err).isEqualTo(ExitCode.OK);
    assertThat(out.toString()).endsWith("\"lost\":0}\n");
  }
}
