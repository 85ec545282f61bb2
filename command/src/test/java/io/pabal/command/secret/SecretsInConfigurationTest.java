// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.secret;

import static io.pabal.command.secret.MarkedTexts.MARKER;
import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.command.config.ConfigReader;
import io.pabal.command.config.Role;
import io.pabal.command.config.setting.ConfigException;
import io.pabal.command.config.setting.Key;
import io.pabal.command.config.setting.Settings;
import io.pabal.command.config.setting.ValueType;
import io.pabal.command.operations.RunningPabal;
import io.pabal.command.operations.RunningPabal.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A password in the place of any key's value is not shown, from the file and the environment. */
class SecretsInConfigurationTest {

  private static final int FORMS_OF_OTHER_KEYS = 8;

  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(Role.class)
  void shouldNotShowThePasswordInAnyVariable(Role role) {
    for (Key<?> key : role.keys()) {
      if (key.type().equals(ValueType.PATH)) {
        continue; // any text is a path
      }
      for (String text : texts(key, MarkedTexts.all())) {
        Map<String, String> environment = new TreeMap<>(minimal(role));
        environment.put(key.environmentVariable(), text);

        assertThat(shown(role, null, environment)).as(key.name()).doesNotContain(MARKER);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Role.class)
  void shouldNotShowThePasswordInAnyKeyOfTheFile(Role role) throws IOException {
    Path file = directory.resolve(role.fileName());
    for (Key<?> key : role.keys()) {
      if (key.type().equals(ValueType.PATH)) {
        continue;
      }
      StringBuilder errors = new StringBuilder();
      for (String text : texts(key, MarkedTexts.of("redis").toList())) {
        Files.writeString(file, key.name() + ": " + quoted(text) + "\n");
        errors.append(shown(role, file, Map.of()));
      }
      assertThat(errors.toString()).as(key.name()).isNotEmpty().doesNotContain(MARKER);
    }
  }

  @Test
  void shouldNotShowThePasswordWhereAKeyShouldBe() throws IOException {
    Path file = directory.resolve("connector.yaml");
    for (String text : MarkedTexts.of("redis").toList()) {
      for (String yaml :
          List.of(
              quoted(text) + ": 1",
              text,
              "redis:\n  " + text,
              "- " + quoted(text),
              "redis.uri: " + text,
              "redis.uri: !" + text,
              "redis.uri: *" + text)) {
        Files.writeString(file, yaml + "\n");

        assertThat(shown(Role.CONNECTOR, file, Map.of())).as(yaml).doesNotContain(MARKER);
      }
    }
  }

  @Test
  void shouldShowAllElseOfAUriInCheck() throws IOException {
    Path file = directory.resolve("connector.yaml");
    Files.writeString(
        file,
        """
        connector.id: c1
        kafka.bootstrapServers: "a_b:9092, [::1]:9093"
        redis.uri: rediss://user:%s@my_redis:6380/2
        schema.registry.url: http://%1$s:%1$s@[::1]:8081/api?key=%1$s
        """
            .formatted(MARKER));

    assertThat(check(file))
        .contains("rediss://***@my_redis:6380/2")
        .contains("http://***@[::1]:8081/api?***")
        .contains("a_b:9092,[::1]:9093")
        .doesNotContain(MARKER);
  }

  /** All for a key in which there may well be a password, some for the others. */
  private static List<String> texts(Key<?> key, List<String> all) {
    return key.type().isSecret() ? all : all.subList(0, FORMS_OF_OTHER_KEYS);
  }

  private static String shown(Role role, @Nullable Path file, Map<String, String> environment) {
    try {
      Settings settings = ConfigReader.read(role, file, environment);
      StringBuilder shown = new StringBuilder(settings.warnings().toString());
      role.keys().forEach(key -> shown.append(settings.print(key)).append('\n'));
      return shown.toString();
    } catch (ConfigException e) {
      return e + e.problems().toString();
    }
  }

  private static String check(Path file) {
    Result result = RunningPabal.runAsIs("check", "--config", file.toString());
    return result.out() + result.err();
  }

  private static Map<String, String> minimal(Role role) {
    Map<String, String> environment = new TreeMap<>();
    for (Key<?> key : role.keys()) {
      if (key.required()) {
        environment.put(key.environmentVariable(), String.valueOf(key.example()));
      }
    }
    return environment;
  }

  private static String quoted(String text) {
    return '"'
        + text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t").replace("\"", "\\\"")
        + '"';
  }
}
