// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.redis;

import static io.pabal.sessioncache.Stages.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.sessioncache.RedisFixture;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** The number of reads in which Redis receives commands, by Redis's own count. */
@DisabledIfSystemProperty(
    named = RedisFixture.KIND,
    matches = RedisFixture.CLUSTER,
    disabledReason = "counts the reads of one server")
class GatheringTest {

  private static final int COMMANDS = RedisServer.GATHERED_MAX - 1;

  /** One for the commands, one for the second query of the count, and some to spare. */
  private static final int READS_MAX = 4;

  private static final String READS = "total_reads_processed:";

  @Test
  void shouldSendCommandsTogetherThatAreIssuedWhileTheConnectionIsBusy(@TempDir Path directory) {
    try (RedisFixture redis = new RedisFixture(directory);
        RedisServer server = RedisServer.at(redis.uri(), Duration.ofSeconds(30))) {
      // Given
      RedisLink link = server.connect();
      CompletableFuture<Void> free = keepBusy(link);
      long before = reads(redis);

      // When
      List<CompletionStage<Long>> answers = new ArrayList<>();
      for (int i = 0; i < COMMANDS; i++) {
        answers.add(link.keyCount());
      }
      free.complete(null);

      // Then
      assertThat(answers).allSatisfy(each -> assertThat(await(each)).isZero());
      assertThat(reads(redis) - before).isLessThanOrEqualTo(READS_MAX);
    }
  }

  /** Blocks the connection's thread until the returned future is completed. */
  private static CompletableFuture<Void> keepBusy(RedisLink link) {
    Thread test = Thread.currentThread();
    var free = new CompletableFuture<Void>();
    boolean isBusy = false;
    while (!isBusy) {
      // When the reply has come already, the callback runs on this thread.
      var elsewhere = new CompletableFuture<Boolean>();
      link.keyCount()
          .thenRun(
              () -> {
                boolean isElsewhere = Thread.currentThread() != test;
                elsewhere.complete(isElsewhere);
                if (isElsewhere) {
                  free.join();
                }
              });
      isBusy = await(elsewhere);
    }
    return free;
  }

  private static long reads(RedisFixture redis) {
    return redis
        .commands()
        .info("stats")
        .lines()
        .filter(line -> line.startsWith(READS))
        .mapToLong(line -> Long.parseLong(line.substring(READS.length()).strip()))
        .sum();
  }
}
