// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.RedisCredentials;
import io.lettuce.core.RedisURI;
import io.pabal.sessioncache.SessionCacheConfig;
import io.pabal.sessioncache.timeline.TimelineConfig;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedisAddressTest {

  private static final Duration TIMEOUT = Duration.ofSeconds(3);

  @ParameterizedTest
  @CsvSource({
    "redis://r, r, 6379, 0, false, r:6379",
    "rediss://my_redis:7/3, my_redis, 7, 3, true, my_redis:7",
    "redis://me:p%40ss@my_redis, my_redis, 6379, 0, false, my_redis:6379",
    "redis://[::1]:7/, ::1, 7, 0, false, [::1]:7"
  })
  void shouldGiveLettuceTheUrisParts(
      String text, String host, int port, int database, boolean tls, String shown) {
    RedisAddress address = RedisAddress.of(URI.create(text));
    RedisURI uri = address.toRedisUris(TIMEOUT).getFirst();

    assertThat(address).hasToString(shown);
    assertThat(uri.getHost()).isEqualTo(host);
    assertThat(uri.getPort()).isEqualTo(port);
    assertThat(uri.getDatabase()).isEqualTo(database);
    assertThat(uri.isSsl()).isEqualTo(tls);
    assertThat(uri.getTimeout()).isEqualTo(TIMEOUT);
  }

  @ParameterizedTest
  @CsvSource({
    "redis://me:p%40s%2Fs@my_redis, me, p@s/s",
    "redis://me:a:b@r, me, a:b",
    "redis://:p+s@r, , p+s",
    "redis://p%25s@r, , p%s"
  })
  void shouldAuthenticateAsTheUriSays(String text, String user, String password) {
    RedisCredentials credentials =
        RedisAddress.of(URI.create(text))
            .toRedisUris(TIMEOUT)
            .getFirst()
            .getCredentialsProvider()
            .resolveCredentials()
            .block();

    assertThat(credentials.getUsername()).isEqualTo(user);
    assertThat(credentials.getPassword()).isEqualTo(password.toCharArray());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://me:MARKER@r",
        "redis-sentinel://me:MARKER@r/0",
        "redis://me:MARKER@r/MARKER",
        "redis:MARKER"
      })
  void shouldRefuseAUriWithoutQuotingIt(String text) {
    assertThatThrownBy(() -> RedisAddress.of(URI.create(text)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasNoCause()
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("MARKER"));
  }

  @Test
  void shouldKeepSecretsOutOfTheConfigurationsText() {
    URI uri = URI.create("redis://MARKER:MARKER@my_redis");

    assertThat(SessionCacheConfig.of(uri).toString())
        .contains("my_redis:6379")
        .doesNotContain("MARKER");
    assertThat(TimelineConfig.defaults("k:1", uri).toString())
        .contains("my_redis:6379")
        .doesNotContain("MARKER");
  }
}
