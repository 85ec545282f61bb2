// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.condition.OS.LINUX;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;

@EnabledOnOs(LINUX)
class ProcessCostTest {

  @Test
  void shouldCountChildrenThatHaveEnded() throws Exception {
    // Given a shell that does nothing itself, and a child of it that compresses 100 MB of zeros
    var shell =
        new ProcessBuilder(
            "sh", "-c", "head -c 100000000 /dev/zero | gzip -9 > /dev/null; echo ended; read line");
    Process process = shell.redirectErrorStream(true).start();
    try {
      // When the shell has waited for the child's end
      assertThat(process.inputReader().readLine()).isEqualTo("ended");

      // Then its time is the shell's
      assertThat(ProcessCost.cpuNanos(List.of(process.pid())))
          .isGreaterThan(TimeUnit.MILLISECONDS.toNanos(40));
    } finally {
      process.destroyForcibly();
    }
  }
}
