// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.up;

import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.command.ExitCode;
import io.pabal.command.operations.RunningPabal;
import io.pabal.command.operations.RunningPabal.Result;
import io.pabal.embedded.EmbeddedRedis;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code pabal up} says of a port that a Redis of another {@code pabal up} has. */
class PortCheckTest {

  @Test
  void shouldNameTheRedisThatAKilledPabalLeftBehindOrThatAnotherOneRuns(@TempDir Path directory)
      throws Exception {
    Path earlier = directory.resolve("earlier");
    try (EmbeddedRedis redis = EmbeddedRedis.start(earlier, 0)) {
      assertThat(up(directory, redis.port()))
          .isEqualTo(
              "--redis-port: %d for redis (expected: a free port). The Redis of another pabal listens there: process %d, its data in %s. Stop that pabal, or choose another one with --redis-port.\n"
                  .formatted(redis.port(), redis.pid(), earlier));

      // Given the pid of a starter that is not the server's parent any more
      Files.writeString(earlier.resolve("redis.pid"), redis.pid() + " 999999999\n");
      assertThat(up(directory, redis.port()))
          .isEqualTo(
              "--redis-port: %d for redis (expected: a free port). A killed pabal left its Redis behind there: process %d, its data in %s. Stop it (kill %d), or choose another one with --redis-port.\n"
                  .formatted(redis.port(), redis.pid(), earlier, redis.pid()));
    }
  }

  private static String up(Path directory, int redisPort) {
    Result result =
        RunningPabal.runAsIs(
            "up",
            "--data",
            directory.resolve("data").toString(),
            "--redis-port",
            Integer.toString(redisPort),
            "--kafka-port",
            "0",
            "--port",
            "0",
            "--http-port",
            "0");
    assertThat(result.exitCode()).as(result.toString()).isEqualTo(ExitCode.USAGE);
    return result.err();
  }
}
