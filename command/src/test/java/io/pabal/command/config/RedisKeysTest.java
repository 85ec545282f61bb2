// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.pabal.command.config.setting.ConfigException;
import io.pabal.command.config.setting.Settings;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RedisKeysTest {

  @TempDir Path directory;

  @Test
  void shouldTakeUserAndPasswordAsTheyAre() {
    Settings settings =
        read(
            Map.of(
                "PABAL_REDIS_URI", "rediss://redis:6380/3",
                "PABAL_REDIS_USER", "pa:bal",
                "PABAL_REDIS_PASSWORD", "p@ss/w?rd#1 %+"));

    assertThat(TimelineWriterKeys.config(settings).redisUri())
        .isEqualTo(URI.create("rediss://pa%3Abal:p%40ss%2Fw%3Frd%231%20%25%2B@redis:6380/3"));
    assertThat(settings.print(RedisKeys.PASSWORD)).isEqualTo("***");
  }

  @Test
  void shouldNameTheFileOfCertificatesToTheClientOfRedis() throws IOException {
    Path file = Files.writeString(directory.resolve("ca of redis.crt"), "");

    Settings settings =
        read(Map.of("PABAL_REDIS_URI", "rediss://redis", "PABAL_REDIS_CA_FILE", file.toString()));

    assertThat(TimelineWriterKeys.config(settings).redisUri().getQuery())
        .isEqualTo("caFile=" + file);
  }

  @Test
  void shouldKeepUserInformationOfAnotherUri() {
    Settings settings =
        read(Map.of("PABAL_REDIS_URI", "redis://one", "PABAL_REDIS_PASSWORD", "secret"));

    assertThat(RedisKeys.complete(URI.create("redis://me:mine@two:1"), settings))
        .hasToString("redis://me:mine@two:1");
    assertThat(RedisKeys.complete(URI.create("redis://two:1"), settings))
        .hasToString("redis://:secret@two:1");
  }

  @Test
  void shouldRefuseWhatContradictsItself() {
    assertThat(problem(Map.of("PABAL_REDIS_URI", "redis://:a@r", "PABAL_REDIS_PASSWORD", "secret")))
        .contains("redis.password: *** (expected: none, since redis.uri has user information)")
        .doesNotContain("secret");
    assertThat(problem(Map.of("PABAL_REDIS_URI", "redis://r", "PABAL_REDIS_USER", "pabal")))
        .contains("redis.password: not set (expected: a password, not percent-encoded, since");
    assertThat(problem(Map.of("PABAL_REDIS_URI", "redis://r", "PABAL_REDIS_CA_FILE", "ca.crt")))
        .contains("redis.uri: redis:// (expected: rediss, rediss-sentinel or rediss-cluster,");
    assertThat(problem(Map.of("PABAL_REDIS_URI", "rediss://r", "PABAL_REDIS_CA_FILE", "/none/ca")))
        .contains("redis.caFile: /none/ca (expected: a file that can be read)");
  }

  private static String problem(Map<String, String> environment) {
    return String.valueOf(
        catchThrowableOfType(ConfigException.class, () -> read(environment)).getMessage());
  }

  private static Settings read(Map<String, String> environment) {
    Map<String, String> all = new TreeMap<>(environment);
    all.put("PABAL_KAFKA_BOOTSTRAP_SERVERS", "kafka:9092");
    return ConfigReader.read(Role.TIMELINE, null, all);
  }
}
