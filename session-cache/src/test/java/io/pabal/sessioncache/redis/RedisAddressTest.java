// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.RedisCredentials;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SslVerifyMode;
import io.pabal.sessioncache.SessionCacheConfig;
import io.pabal.sessioncache.timeline.TimelineConfig;
import java.net.URI;
import java.time.Duration;
import java.util.List;
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

  @Test
  void shouldGiveLettuceTheServersOfACluster() {
    RedisAddress address =
        RedisAddress.parse("rediss-cluster://me:p%2C%40%5B@a_b:1,[::1]:2,c?verifyPeer=NONE");
    List<RedisURI> uris = address.toRedisUris(TIMEOUT);

    assertThat(address).hasToString("a_b:1,[::1]:2,c:6379");
    assertThat(address.kind()).isEqualTo(RedisAddress.Kind.CLUSTER);
    assertThat(uris).extracting(RedisURI::getHost).containsExactly("a_b", "::1", "c");
    assertThat(uris).extracting(RedisURI::getPort).containsExactly(1, 2, 6379);
    assertThat(uris)
        .allSatisfy(
            uri -> {
              assertThat(uri.isSsl()).isTrue();
              assertThat(uri.getVerifyMode()).isEqualTo(SslVerifyMode.NONE);
              assertThat(uri.getTimeout()).isEqualTo(TIMEOUT);
              assertCredentials(uri, "me", "p,@[");
            });
  }

  @Test
  void shouldGiveLettuceTheSentinelsAndTheNameOfThePrimary() {
    RedisAddress address =
        RedisAddress.parse(
            "rediss-sentinel://me:p%2F@a_b,[::1]:2/3?sentinelUser=s%26&sentinelPassword=%3D%2Bw#my%20primary");
    RedisURI uri = address.toRedisUris(TIMEOUT).getFirst();

    assertThat(address).hasToString("a_b:26379,[::1]:2#my primary");
    assertThat(address.kind()).isEqualTo(RedisAddress.Kind.SENTINELS);
    assertThat(uri.getSentinelMasterId()).isEqualTo("my primary");
    assertThat(uri.getDatabase()).isEqualTo(3);
    assertThat(uri.isSsl()).isTrue();
    assertCredentials(uri, "me", "p/");
    assertThat(uri.getSentinels()).extracting(RedisURI::getHost).containsExactly("a_b", "::1");
    assertThat(uri.getSentinels()).extracting(RedisURI::getPort).containsExactly(26_379, 2);
    assertThat(uri.getSentinels())
        .allSatisfy(
            sentinel -> {
              assertThat(sentinel.isSsl()).isTrue();
              assertThat(sentinel.getTimeout()).isEqualTo(TIMEOUT);
              assertCredentials(sentinel, "s&", "=+w");
            });
  }

  @Test
  void shouldNotSendThePasswordOfRedisToSentinels() {
    RedisURI uri = RedisAddress.parse("redis-sentinel://me:p@a#p").toRedisUris(TIMEOUT).getFirst();

    assertCredentials(uri.getSentinels().getFirst(), "", "");
  }

  private static void assertCredentials(RedisURI uri, String user, String password) {
    RedisCredentials credentials =
        uri.getCredentialsProvider().resolveCredentials().blockOptional().orElse(null);
    char[] found = credentials == null ? null : credentials.getPassword();
    String name = credentials == null ? null : credentials.getUsername();
    assertThat(name == null ? "" : name).isEqualTo(user);
    assertThat(found == null ? "" : new String(found)).isEqualTo(password);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://me:MARKER@r",
        "redis-sentinel://me:MARKER@r/0",
        "redis-sentinel://me:MARKER@r,/0#p",
        "redis-sentinel://me:MARKER@r/MARKER#p",
        "redis-cluster://me:MARKER@r:MARKER,q",
        "redis-cluster://me:MARKER@r,q/7",
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
