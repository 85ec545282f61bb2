// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache;

import static io.pabal.sessioncache.Stages.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.RedisCommandTimeoutException;
import io.pabal.sessioncache.session.ClaimRequest;
import io.pabal.sessioncache.session.SessionKeys;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SessionCacheTest {

  private static final ClaimRequest REQUEST = new ClaimRequest("phone", "c1", 1, false, 60);
  private static final ClaimRequest LATE = new ClaimRequest("tablet", "c1", 1, false, 60);

  @Test
  void shouldSayWhereRedisWasExpectedWhenItCannotBeReached() {
    assertThatThrownBy(
            () ->
                SessionCache.connect(SessionCacheConfig.of(URI.create("redis://127.0.0.1:1")), 12))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("127.0.0.1:1 cannot be reached");
  }

  @Test
  void shouldRefuseTimeoutOfZero() {
    assertThatThrownBy(() -> new SessionCacheConfig(URI.create("redis://127.0.0.1"), Duration.ZERO))
        .hasMessageContaining("redis.commandTimeout");
  }

  @Test
  void shouldWaitAtTheStartForRedisThatIsSlow(@TempDir Path directory) throws Exception {
    Duration commandTimeout = Duration.ofSeconds(1);
    try (RedisFixture redis = new RedisFixture(directory)) {
      redis.freeze();
      CompletableFuture<SessionCache> connecting =
          CompletableFuture.supplyAsync(
              () -> SessionCache.connect(new SessionCacheConfig(redis.uri(), commandTimeout), 12));

      // Not before one attempt has failed, which needs no more than the time-out.
      Awaitility.await().pollDelay(commandTimeout.multipliedBy(2)).until(() -> true);
      redis.thaw();

      try (SessionCache cache = connecting.get()) {
        Awaitility.await()
            .ignoreExceptions()
            .until(() -> await(cache.sessions().claim(REQUEST)).session().epoch() > 0);
      }
    }
  }

  @Test
  void shouldFailAtOnceWhileRedisIsAwayAndNeverCatchUp(@TempDir Path directory) {
    try (RedisFixture redis = new RedisFixture(directory);
        SessionCache cache = SessionCache.connect(SessionCacheConfig.of(redis.uri()), 12)) {
      // Given
      long before = await(cache.sessions().claim(REQUEST)).session().epoch();

      // When
      redis.stop();

      // Then
      assertThatThrownBy(() -> await(cache.sessions().claim(LATE)))
          .isInstanceOf(CompletionException.class)
          .cause()
          .isNotInstanceOf(RedisCommandTimeoutException.class);

      // When
      redis.startAgain();

      // Then
      Awaitility.await()
          .ignoreExceptions()
          .until(() -> await(cache.sessions().claim(REQUEST)).session().epoch() > before);
      assertThat(redis.commands().exists(SessionKeys.session("tablet"))).isZero();
    }
  }
}
