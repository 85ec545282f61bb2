// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lettuce.core.RedisCommandTimeoutException;
import io.pabal.sessioncache.RedisFixture;
import io.pabal.sessioncache.redis.RedisLink;
import io.pabal.sessioncache.redis.RedisServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RepeatsTest {

  private static RedisFixture redis;
  private static RedisServer server;
  private static RedisLink link;

  private final AtomicInteger attempts = new AtomicInteger();
  private Repeats repeats;

  @BeforeAll
  static void start(@TempDir Path directory) {
    redis = new RedisFixture(directory);
    server = RedisServer.at(redis.uri(), Duration.ofSeconds(5));
    link = server.connect();
  }

  @AfterAll
  static void stop() {
    server.close();
    redis.close();
  }

  @BeforeEach
  void create() {
    repeats = new Repeats(link, Duration.ofMillis(1));
  }

  @Test
  void shouldRepeatOnceMoreWhatSucceededOnlyLater() {
    repeats.untilCertain(failing(2));

    await().until(() -> repeats.count() == 0 && attempts.get() >= 4);
    assertThat(attempts).hasValue(4);
  }

  @Test
  void shouldNotRepeatWhatSucceededAtOnce() {
    repeats.untilCertain(failing(0));

    assertThat(attempts).hasValue(1);
    assertThat(repeats.count()).isZero();
  }

  @Test
  void shouldRepeatUntilThereIsAnAnswerAndNoLonger() {
    repeats.untilAnswered(failing(1));

    await().until(() -> repeats.count() == 0 && attempts.get() >= 2);
    assertThat(attempts).hasValue(2);
  }

  /** An operation of which the first {@code count} attempts get no reply. */
  private Supplier<CompletionStage<?>> failing(int count) {
    return () ->
        attempts.incrementAndGet() <= count
            ? CompletableFuture.failedFuture(new RedisCommandTimeoutException("no reply"))
            : CompletableFuture.completedFuture("done");
  }
}
