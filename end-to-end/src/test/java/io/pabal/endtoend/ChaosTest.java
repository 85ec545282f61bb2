// SPDX-License-Identifier: Apache-2.0
package io.pabal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code ./pabal chaos} as a process, with fixed seeds: nothing is lost or out of order, whatever
 * is killed. A slow machine takes longer for the same faults and messages. Longer runs are for the
 * command line.
 */
class ChaosTest {

  private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();
  private static final int TIMEOUT_MINUTES = 30;

  @TempDir Path directory;

  /** Eight faults of all kinds, in seven of the eight parts. */
  @Test
  @Timeout(value = 2 * TIMEOUT_MINUTES, unit = TimeUnit.MINUTES)
  void shouldLoseNothingWhateverIsKilled() throws Exception {
    shouldLoseNothing(8, "--seed", "9", "--minutes", "0.7", "--messages", "1500");
  }

  /**
   * Six faults: a primary of the Redis Cluster is frozen, and another one killed, at the same time;
   * slots move while a connector is killed.
   */
  @Test
  @Timeout(value = 2 * TIMEOUT_MINUTES, unit = TimeUnit.MINUTES)
  void shouldLoseNothingOnRedisCluster() throws Exception {
    shouldLoseNothing(
        6, "--redis", "cluster", "--seed", "1637", "--minutes", "0.5", "--messages", "1500");
  }

  private void shouldLoseNothing(int faults, String... flags) throws Exception {
    UpProcess.assumeBuilt();
    // Given
    Path run = directory.resolve("run");
    Path out = directory.resolve("out");
    Path err = directory.resolve("err");
    List<String> command = new ArrayList<>();
    command.add(PROJECT.resolve("pabal").toString());
    command.add("chaos");
    command.addAll(List.of(flags));
    command.addAll(List.of("--rate", "100", "--data", run.toString()));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().put("PABAL_NO_BUILD", "1");

    // When
    Process chaos = builder.start();
    try {
      assertThat(chaos.waitFor(TIMEOUT_MINUTES, TimeUnit.MINUTES)).isTrue();
    } finally {
      chaos.destroy();
    }

    // Then
    String figures = Files.readString(out);
    assertThat(chaos.exitValue()).as(() -> figures + read(err)).isZero();
    assertThat(figure(figures, "faults")).isGreaterThanOrEqualTo(faults);
    assertThat(figure(figures, "acknowledged")).isGreaterThan(1_000);
    assertThat(figure(figures, "delivered")).isGreaterThan(5_000);
    assertThat(run.resolve("history.jsonl.gz")).exists();
    assertThat(run.resolve("data")).doesNotExist();
  }

  private static long figure(String line, String name) {
    Matcher matcher = Pattern.compile("\\b" + name + "=(\\d+)").matcher(line);
    assertThat(matcher.find()).as("%s in: %s", name, line).isTrue();
    return Long.parseLong(matcher.group(1));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
