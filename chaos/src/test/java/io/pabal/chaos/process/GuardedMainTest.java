// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class GuardedMainTest {

  private static final Duration TIMEOUT = Duration.ofMinutes(1);

  /** Starts a process, prints its id, and waits for ever. */
  public static final class Parent {

    public static void main(String[] args) throws IOException, InterruptedException {
      Process child = new ProcessBuilder("sleep", "600").start();
      System.out.println(child.pid());
      child.waitFor();
    }
  }

  @Test
  void shouldEndWithItsChildrenWhenItsParentEnds() throws Exception {
    Process guarded =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                GuardedMain.class.getName(),
                Parent.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader out = guarded.inputReader()) {
      ProcessHandle child = ProcessHandle.of(Long.parseLong(out.readLine())).orElseThrow();
      assertThat(child.isAlive()).isTrue();

      // When this process ends for any reason, the system closes its end of the pipe.
      guarded.getOutputStream().close();

      assertThat(guarded.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)).isTrue();
      await().atMost(TIMEOUT).until(() -> !child.isAlive());
    } finally {
      guarded.descendants().forEach(ProcessHandle::destroyForcibly);
      guarded.destroyForcibly();
    }
  }
}
