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

/** A Redis Cluster of its own, one primary of which is killed while sessions are claimed. */
class RedisFailoverCommandTest {

  @TempDir Path directory;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void shouldReportHowLongClaimsWaitWhenPrimaryIsKilled() {
    int exitCode =
        execute(
            "--failovers=1",
            "--rate=100",
            "--settle-seconds=0",
            "--data=" + directory.resolve("data"),
            "--format=json");

    assertThat(exitCode).as("%s%s", out, err).isEqualTo(ExitCode.OK);
    assertThat(out.toString())
        .startsWith("{\"how\":\"kill\",\"failovers\":[{\"port\":")
        .containsPattern("\"claims\":[1-9]\\d*,\"medianMillis\":[1-9]")
        .containsPattern("\"failedTries\":[1-9]\\d*,\"givenUp\":0");
  }

  @Test
  void shouldRefuseMoreClaimsThanAreMeasured() {
    int exitCode = execute("--rate=5001");

    assertThat(exitCode).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("--rate: 5001 (expected: 1-5000).");
  }

  private int execute(String... options) {
    String[] arguments = new String[options.length + 2];
    arguments[0] = "bench";
    arguments[1] = "redis-failover";
    System.arraycopy(options, 0, arguments, 2, options.length);
    return Pabal.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }
}
