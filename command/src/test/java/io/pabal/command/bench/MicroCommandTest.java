// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.command.ExitCode;
import io.pabal.command.Pabal;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class MicroCommandTest {

  @Test
  void shouldRunABenchmarkInAJvmOfItsOwn() {
    StringWriter out = new StringWriter();

    int exitCode = execute(out, "TimelineBenchmark.page", "--iterations=1", "--profile=gc");

    assertThat(exitCode).isEqualTo(ExitCode.OK);
    assertThat(out.toString()).contains("TimelineBenchmark.page").contains("B/op");
  }

  @Test
  void shouldRefuseANameThatNoBenchmarkHas() {
    StringWriter err = new StringWriter();

    int exitCode = execute(err, "NoSuchBenchmark");

    assertThat(exitCode).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("NoSuchBenchmark");
  }

  private static int execute(StringWriter output, String... arguments) {
    String[] all = new String[2 + arguments.length];
    all[0] = "bench";
    all[1] = "micro";
    System.arraycopy(arguments, 0, all, 2, arguments.length);
    return Pabal.commandLine()
        .setOut(new PrintWriter(output, true))
        .setErr(new PrintWriter(output, true))
        .execute(all);
  }
}
