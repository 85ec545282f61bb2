// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A connector's connection reports why Redis does not serve it, and when Redis does again. */
@DisabledIfSystemProperty(
    named = RedisFixture.KIND,
    matches = RedisFixture.CLUSTER,
    disabledReason = "puts one server into a state; see ClusterFailureTest")
class RedisProblemTest {

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final long PROBE_MILLIS = 50;

  private static RedisFixture redis;
  private static SessionCache cache;

  @BeforeAll
  static void start(@TempDir Path directory) {
    redis = new RedisFixture(directory);
    cache = SessionCache.connect(SessionCacheConfig.of(redis.uri()), 12);
    cache.startProbing(PROBE_MILLIS);
  }

  @AfterAll
  static void stop() {
    cache.close();
    redis.close();
  }

  @ParameterizedTest
  @EnumSource
  void shouldNameTheErrorWhileRedisRefuses(RedisState state) {
    awaitProblem(cache, "");

    state.begin(redis.commands());
    try {
      awaitProblem(cache, state.said);
    } finally {
      state.end(redis.commands());
    }

    awaitProblem(cache, "");
  }

  @Test
  void shouldSayThatRedisIsLoading() {
    // While Redis loads, it serves its connections once per 2 MB.
    for (int i = 0; i < 100; i++) {
      redis.commands().set("loaded-slowly-" + i, "x".repeat(60_000));
    }
    redis.configure("key-load-delay", "20000");
    try {
      Thread.ofPlatform().start(() -> RedisFixture.dispatch(redis.uri(), "DEBUG", "RELOAD"));

      awaitProblem(cache, "LOADING");
    } finally {
      Awaitility.await()
          .atMost(PATIENCE)
          .ignoreExceptions()
          .until(() -> redis.commands().configSet("key-load-delay", "0").equals("OK"));
      redis.commands().flushall();
    }
    awaitProblem(cache, "");
  }

  @Test
  void shouldSayThatTheConnectionIsDown(@TempDir Path directory) {
    RedisFixture stopped = new RedisFixture(directory);
    try (var toIt = SessionCache.connect(SessionCacheConfig.of(stopped.uri()), 12)) {
      toIt.startProbing(PROBE_MILLIS);
      awaitProblem(toIt, "");

      stopped.stop();
      awaitProblem(toIt, "the connection is down (Connection refused");

      stopped.startAgain();
      awaitProblem(toIt, "");
    } finally {
      stopped.close();
    }
  }

  private static void awaitProblem(SessionCache cache, String part) {
    Awaitility.await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .untilAsserted(
            () -> {
              Optional<String> problem = cache.problem();
              if (part.isEmpty()) {
                assertThat(problem).isEmpty();
              } else {
                assertThat(problem).hasValueSatisfying(text -> assertThat(text).contains(part));
              }
            });
  }
}
