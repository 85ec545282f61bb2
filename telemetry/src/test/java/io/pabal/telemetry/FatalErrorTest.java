// SPDX-License-Identifier: Apache-2.0
package io.pabal.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class FatalErrorTest {

  @Test
  void shouldEndTheProcessWhenTheHeapIsExhausted() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                OutOfHeap.class.getName())
            .redirectErrorStream(true)
            .start();
    process.getInputStream().readAllBytes();

    assertThat(process.waitFor()).isEqualTo(FatalError.EXIT_CODE);
  }

  @Test
  void shouldBeFatalWhenTheJvmIsBroken() {
    assertThat(FatalError.isFatal(new OutOfMemoryError("Java heap space"))).isTrue();
    assertThat(FatalError.isFatal(new InternalError())).isTrue();
    assertThat(FatalError.isFatal(new CompletionException(new OutOfMemoryError()))).isTrue();
  }

  @Test
  void shouldNotBeFatalWhenTheRestOfTheProcessIsWell() {
    assertThat(FatalError.isFatal(new IllegalStateException())).isFalse();
    assertThat(FatalError.isFatal(new AssertionError())).isFalse();
    assertThat(FatalError.isFatal(new NoClassDefFoundError())).isFalse();
    assertThat(FatalError.isFatal(new StackOverflowError())).isFalse();
    var direct = new OutOfMemoryError("Cannot reserve 4 bytes of direct buffer memory (...)");
    assertThat(FatalError.isFatal(direct)).isFalse();
    assertThat(FatalError.isOutOfDirectMemory(new RuntimeException(direct))).isTrue();
    assertThat(FatalError.isOutOfDirectMemory(new OutOfMemoryError("Java heap space"))).isFalse();
  }

  /** A process whose heap ends while a task of it goes on in spite of failures. */
  static final class OutOfHeap {
    private OutOfHeap() {}

    public static void main(String[] args) {
      try {
        throw new IllegalStateException(new OutOfMemoryError("intended by the test"));
      } catch (Throwable e) {
        FatalError.endProcessIf(e);
      }
      System.exit(0);
    }
  }
}
