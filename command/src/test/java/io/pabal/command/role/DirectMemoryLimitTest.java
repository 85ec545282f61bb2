// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.role;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.pabal.telemetry.FatalError;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DirectMemoryLimitTest {

  @Test
  void shouldHoldBelowTheHeapAndHarmNothingElseWhenItIsReached() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Xmx128m",
                "-XX:+ExitOnOutOfMemoryError",
                "-cp",
                System.getProperty("java.class.path"),
                Greedy.class.getName())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(output).contains("exhausted below 32 MiB");
    assertThat(process.waitFor()).isZero();
  }

  @Test
  void shouldBeAQuarterOfTheHeapWhenNoneIsConfigured() {
    long heap = Runtime.getRuntime().maxMemory();

    assertThat(DirectMemoryLimit.bytesDefault()).isEqualTo(Math.max(64L << 20, heap / 4));
  }

  /** A process that takes buffers until there are none. */
  static final class Greedy {
    private Greedy() {}

    public static void main(String[] args) {
      long limit = 32L << 20;
      DirectMemoryLimit.set(limit);
      List<ByteBuf> taken = new ArrayList<>();
      try {
        while (taken.size() * 8_192L <= 2 * limit) {
          taken.add(ByteBufAllocator.DEFAULT.directBuffer(8_192));
        }
      } catch (Throwable e) {
        FatalError.endProcessIf(e);
        if (FatalError.isOutOfDirectMemory(e) && taken.size() * 8_192L <= limit) {
          System.out.println("exhausted below 32 MiB");
        }
      }
      System.exit(0);
    }
  }
}
