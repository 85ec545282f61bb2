// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.secret;

import static io.pabal.command.secret.MarkedTexts.MARKER;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import io.pabal.command.ExitCode;
import io.pabal.command.operations.RunningPabal;
import io.pabal.command.operations.RunningPabal.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** A password is not shown by the commands that use it, nor by the log. */
@ExtendWith(RunningPabal.Extension.class)
class SecretsInUseTest {

  private static RunningPabal pabal;

  @TempDir Path directory;

  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private Level levelBefore;

  @BeforeAll
  static void take(RunningPabal running) {
    pabal = running;
  }

  @BeforeEach
  void listen() {
    log.setContext((LoggerContext) LoggerFactory.getILoggerFactory());
    log.start();
    levelBefore = root().getLevel();
    root().setLevel(Level.INFO);
    root().addAppender(log);
  }

  @AfterEach
  void stopListening() {
    root().detachAppender(log);
    root().setLevel(levelBefore);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"sessions list", "sessions show bob", "missed --session bob", "rebuild --dry-run"})
  void shouldNotShowThePasswordThatRedisRefuses(String command) {
    assertHidden(run(command, "--redis-uri", wrongPassword()));
  }

  @Test
  void shouldNotShowThePasswordWhenRedisCannotBeReached() {
    for (String host : List.of("127.0.0.1:1", "[::1]:1", "no_such_host.invalid")) {
      Result result =
          run("sessions list", "--redis-uri", "redis://" + MARKER + ":" + MARKER + "@" + host);

      assertHidden(result);
      assertThat(result.err()).contains("redis: " + host).doesNotContain(":-1");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tail messages", "connectors list", "rebuild"})
  void shouldNotShowThePasswordOfTheRegistry(String command) {
    for (String host : List.of("127.0.0.1:1", "[::1]:1", "no_such_host.invalid")) {
      Result result =
          run(
              command,
              "--schema-registry-url",
              "http://%s:%1$s@%s/api?key=%1$s".formatted(MARKER, host));

      assertHidden(result);
      assertThat(result.err()).contains("http://***@" + host + "/api?***").doesNotContain(":-1");
    }
  }

  @Test
  void shouldNotShowThePasswordWhenARoleStarts() throws IOException {
    for (String role : List.of("timeline", "connector")) {
      Path file = directory.resolve(role + ".yaml");
      Files.writeString(
          file,
          """
          kafka.bootstrapServers: %s
          redis.uri: %s
          http.port: 0
          """
                  .formatted(pabal.flags().get(1), wrongPassword())
              + (role.equals("connector") ? "connector.id: secret\n" : ""));

      assertHidden(RunningPabal.runAsIs(role, "--config", file.toString()));
    }
  }

  @Test
  void shouldNotShowThePasswordOfTheEnvironmentInAnyCommand() throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            EveryCommand.class.getName());
    builder.redirectErrorStream(true);
    Map<String, String> environment = builder.environment();
    for (String name :
        List.of("REDIS_URI", "SCHEMA_REGISTRY_URL", "KAFKA_BOOTSTRAP_SERVERS", "LISTENER_PORT")) {
      environment.put("PABAL_" + name, "redis://user:%" + MARKER + "@host");
    }
    environment.put("PABAL_MQTT_PORT", "tcp://10.0.0.7:1883");

    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);

    assertThat(process.waitFor()).as(output).isZero();
    assertThat(output).doesNotContain(MARKER);
    for (String command : EveryCommand.COMMANDS) {
      assertThat(output).contains(command + " -> " + ExitCode.USAGE);
    }
  }

  private void assertHidden(Result result) {
    assertThat(result.exitCode()).as(result.toString()).isNotZero();
    assertThat(result.out() + result.err()).doesNotContain(MARKER);
    for (ILoggingEvent event : List.copyOf(log.list)) {
      String cause =
          event.getThrowableProxy() == null
              ? ""
              : ThrowableProxyUtil.asString(event.getThrowableProxy());
      assertThat(event.getFormattedMessage() + event.getKeyValuePairs() + cause)
          .doesNotContain(MARKER);
    }
  }

  private static Result run(String command, String flag, String value) {
    List<String> words = new ArrayList<>(List.of(command.split(" ", -1)));
    words.addAll(List.of("--bootstrap-servers", pabal.flags().get(1)));
    words.addAll(List.of(flag, value));
    if (!flag.equals("--redis-uri")) {
      words.addAll(pabal.flags().subList(2, 4));
    }
    return RunningPabal.runAsIs(words.toArray(String[]::new));
  }

  /** Redis, with a user that it does not have. */
  private static String wrongPassword() {
    return pabal.flags().get(3).replace("redis://", "redis://" + MARKER + ":" + MARKER + "@");
  }

  private static Logger root() {
    return (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  }
}
