// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.pabal.command.config.setting.ConfigException;
import io.pabal.command.config.setting.Settings;
import io.pabal.command.config.setting.ValueSource;
import io.pabal.command.tracing.TracingConfig;
import io.pabal.connector.ConnectorConfig.Admission;
import io.pabal.connector.ConnectorConfig.Drain;
import io.pabal.connector.ConnectorConfig.InFlight;
import io.pabal.connector.ConnectorConfig.Limits;
import io.pabal.connector.ConnectorConfig.Sockets;
import io.pabal.schemas.registry.RegistryConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ConfigReaderTest {

  private static final String MINIMAL =
      """
      connector:
        id: c7
      kafka:
        bootstrapServers: kafka-1:9092,kafka-2:9092
      redis:
        uri: redis://:secret@redis:6379
      """;

  @TempDir Path directory;

  @Test
  void shouldTakeDefaultsForWhatIsNotSet() throws IOException {
    Settings settings = read(MINIMAL, Map.of());

    var config = ConnectorKeys.config(settings);
    assertThat(config.id()).isEqualTo("c7");
    assertThat(config.kafka().bootstrapServers()).isEqualTo("kafka-1:9092,kafka-2:9092");
    assertThat(config.listener().port()).isEqualTo(1883);
    assertThat(config.listener().anonymous()).isTrue();
    assertThat(config.limits()).isEqualTo(Limits.defaults());
    assertThat(config.drain()).isEqualTo(Drain.defaults());
    assertThat(settings.place(ConnectorKeys.ID)).hasToString("connector.yaml:2:7");
    assertThat(settings.place(ConnectorKeys.PORT)).hasToString("default");
  }

  @Test
  void shouldNotPrintPassword() throws IOException {
    assertThat(read(MINIMAL, Map.of()).print(RedisKeys.URI_KEY))
        .isEqualTo("redis://***@redis:6379");
  }

  @Test
  void shouldReadTheRegistryInWhateverFormItsKeysAreNested() throws IOException {
    for (String written :
        List.of(
            "schema:\n  registry:\n    url: https://me:secret@registry:8081\n    autoRegister: false\n",
            "schema.registry:\n  url: https://me:secret@registry:8081\n  autoRegister: false\n")) {
      Settings settings = read(MINIMAL + written, Map.of());

      assertThat(ConnectorKeys.config(settings).kafka().registry())
          .isEqualTo(
              new RegistryConfig(URI.create("https://me:secret@registry:8081"), false, null));
      assertThat(settings.print(SharedKeys.REGISTRY_URL)).isEqualTo("https://***@registry:8081");
    }
  }

  @Test
  void shouldTellOperatorsCommandsOfTheRegistry() throws IOException {
    Path file = directory.resolve("router.yaml");
    Files.writeString(
        file, "schema:\n  registry:\n    url: http://of-the-file:8081\n    autoRegister: false\n");
    Settings ofFile = ConfigReader.readCluster(file, Map.of());
    Settings ofEnvironment =
        ConfigReader.readCluster(
            file, Map.of("PABAL_SCHEMA_REGISTRY_URL", "http://of-the-environment:8081"));

    assertThat(ofFile.get(ClusterKeys.REGISTRY_URL)).hasHost("of-the-file");
    assertThat(ofEnvironment.get(ClusterKeys.REGISTRY_URL)).hasHost("of-the-environment");
    URI ofFlag = URI.create("http://of-the-flag:8081");
    assertThat(ClusterKeys.registry(ofFile, ofFlag))
        .isEqualTo(new RegistryConfig(ofFlag, false, null));
    assertThat(ConfigReader.readCluster(null, Map.of()).find(ClusterKeys.REGISTRY_URL)).isEmpty();
  }

  @Test
  void shouldRefuseASerializerWithoutARegistry() {
    assertThatThrownBy(() -> read(MINIMAL + "schema:\n  serializer:\n    class: a.B\n", Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("schema.registry.url: not set")
        .hasMessageContaining("since schema.serializer.class is set");
  }

  @Test
  void shouldPreferEnvironmentToFile() throws IOException {
    Settings settings =
        read(
            MINIMAL + "mqtt:\n  connectTimeoutSeconds: 5\n",
            Map.of("PABAL_MQTT_CONNECT_TIMEOUT_SECONDS", "7", "PABAL_LISTENER_PORT", "1999"));

    var config = ConnectorKeys.config(settings);
    assertThat(config.limits().connectTimeout()).isEqualTo(Duration.ofSeconds(7));
    assertThat(config.listener().port()).isEqualTo(1999);
    assertThat(settings.place(ConnectorKeys.PORT)).hasToString("PABAL_LISTENER_PORT");
  }

  @Test
  void shouldReadWhatSocketsMayCost() throws IOException {
    Settings settings =
        read(
            MINIMAL
                + """
                mqtt:
                  keepAliveMaxSeconds: 120
                  qos0BufferBytesMax: 70000
                  qos0BuffersBytesMax: 9000000
                  ringBytesMax: 33000000
                """,
            Map.of("PABAL_MQTT_UNCONNECTED_MAX", "500"));

    Limits limits = ConnectorKeys.config(settings).limits();
    assertThat(ConnectorKeys.config(settings).ringBytesMax()).isEqualTo(33_000_000);
    assertThat(limits.keepAliveMax()).isEqualTo(Duration.ofMinutes(2));
    assertThat(limits.sockets()).isEqualTo(new Sockets(70_000, 9_000_000, 500));
  }

  @Test
  void shouldReadHowConnectorLeaves() throws IOException {
    Settings settings =
        read(
            MINIMAL
                + """
                drain:
                  sessionsPerSecond: 0
                  timeoutSeconds: 5
                  permanent: true
                  serverReference: a.example:1883 b.example:1883
                """,
            Map.of());

    assertThat(ConnectorKeys.config(settings).drain())
        .isEqualTo(new Drain(0, Duration.ofSeconds(5), true, "a.example:1883 b.example:1883"));
  }

  @Test
  void shouldReadHowManySessionsMayComeAtATime() throws IOException {
    Settings settings =
        read(
            MINIMAL
                + """
                admission:
                  resumesInFlightMin: 5
                  resumesInFlightMax: 50
                  delayAllowanceMillis: 20
                  waitMillis: 0
                """,
            Map.of("PABAL_ADMISSION_RESUMES_PER_SECOND_MAX", "300"));

    assertThat(ConnectorKeys.config(settings).admission())
        .isEqualTo(new Admission(new InFlight(5, 50, Duration.ofMillis(20)), 300, Duration.ZERO));
  }

  @Test
  void shouldRefuseALeastLimitAboveTheGreatest() {
    assertThatThrownBy(
            () ->
                read(
                    MINIMAL + "admission:\n  resumesInFlightMin: 60\n  resumesInFlightMax: 50\n",
                    Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(
            "admission.resumesInFlightMin: 60 (expected: at most 50, which is admission.resumesInFlightMax)");
  }

  @Test
  void shouldTraceOnlyWhenToldTo() throws IOException {
    String keys =
        """
        tracing:
          endpoint: http://collector:4318/v1/traces
          sampleRatio: 0.25
          messagesPerSecond: 7
        """;

    assertThat(TracingKeys.tracing(read(MINIMAL + keys, Map.of()))).isEmpty();
    assertThat(TracingKeys.tracing(read(MINIMAL + keys, Map.of("PABAL_TRACING_ENABLED", "true"))))
        .contains(new TracingConfig(URI.create("http://collector:4318/v1/traces"), 0.25, 7));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "sampleRatio: 1.5 | tracing.sampleRatio: 1.5 (expected: 0-1, such as 0.001)",
        "sampleRatio: NaN | tracing.sampleRatio: NaN (expected: 0-1, such as 0.001)",
        "messagesPerSecond: 0 | tracing.messagesPerSecond: 0 (expected: 1-10000)",
        "endpoint: collector:4317 | tracing.endpoint: ***, no host (expected: http://HOST:PORT/PATH",
        "endpoint: http://me:secret@c/ | tracing.endpoint: ***, user information (expected: http://HOST:PORT/PATH or https://HOST:PORT/PATH without a password)"
      })
  void shouldRefuseTracingThatCannotBeMeant(String line, String message) {
    assertThatThrownBy(() -> read(MINIMAL + "tracing:\n  " + line + "\n", Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(message);
  }

  @Test
  void shouldReadEverythingFromEnvironment() {
    Settings settings =
        ConfigReader.read(
            Role.TIMELINE,
            null,
            Map.of(
                "PABAL_KAFKA_BOOTSTRAP_SERVERS", "k:9092",
                "PABAL_REDIS_URI", "rediss://r:6380",
                "PABAL_TIMELINE_AGE_MAX_HOURS", "2"));

    assertThat(TimelineWriterKeys.config(settings).ageMax()).isEqualTo(Duration.ofHours(2));
  }

  @Test
  void shouldHandSessionTimeoutToRouter() throws IOException {
    String kafka = "kafka:\n  bootstrapServers: k:9092\n";

    Settings settings =
        read(Role.ROUTER, kafka, Map.of("PABAL_ROUTER_SESSION_TIMEOUT_MILLIS", "2000"));

    assertThat(RouterKeys.config(settings).sessionTimeout()).isEqualTo(Duration.ofSeconds(2));
    assertThatThrownBy(
            () -> read(Role.ROUTER, kafka + "router:\n  sessionTimeoutMillis: 2s\n", Map.of()))
        .hasMessage(
            "router.yaml:4:25: router.sessionTimeoutMillis: 2s (expected: 1000-60000). Set it in router.yaml or PABAL_ROUTER_SESSION_TIMEOUT_MILLIS.");
  }

  @Test
  void shouldSayEverythingThatIsWrongAtOnce() {
    assertProblems(
        """
        connector:
          id: "c 1"
        listener:
          port: 70000
          prot: 1883
        kafka: localhost:9092
        redis:
          uri: [redis://127.0.0.1:6379]
        routers:
          threads: 2
        """,
        Map.of("PABAL_MQTT_RECEIVE_MAX", "many"),
        "connector.yaml:5:3: listener.prot: unknown key (did you mean listener.port?). Rename or remove it.",
        "connector.yaml:6:8: expected keys and values below kafka",
        "connector.yaml:8:8: redis.uri: expected one value. Give one or remove the key.",
        "connector.yaml:9:1: routers: unknown key. Remove it.",
        "connector.yaml:2:7: connector.id: c 1 (expected: 1-200 letters, digits, - and _). Set it in connector.yaml or PABAL_CONNECTOR_ID.",
        "connector.yaml:4:9: listener.port: 70000 (expected: 1-65535). Set it in connector.yaml or PABAL_LISTENER_PORT.",
        "kafka.bootstrapServers: not set (expected: HOST:PORT, several with commas). Set it in connector.yaml or PABAL_KAFKA_BOOTSTRAP_SERVERS.",
        "redis.uri: not set (expected: redis://HOST:PORT, redis-sentinel://HOST:PORT,HOST:PORT/0#NAME or redis-cluster://HOST:PORT,HOST:PORT; with TLS rediss). Set it in connector.yaml or PABAL_REDIS_URI.",
        "PABAL_MQTT_RECEIVE_MAX: mqtt.receiveMax: many (expected: 1-65535). Set it in connector.yaml or PABAL_MQTT_RECEIVE_MAX.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          listener.port      | 0               | 1-65535
          listener.port      | ''              | 1-65535
          listener.port      | 1883.0          | 1-65535
          listener.anonymous | yes             | true or false
          drain.sessionsPerSecond | -1         | 0-1000000
          drain.timeoutSeconds | 1d            | 0-86400
          drain.permanent    | maybe           | true or false
          """)
  void shouldRefuseValue(String key, String value, String expected) {
    assertProblems(
        MINIMAL,
        Map.of(environmentVariable(key), value),
        "%s: %s: %s (expected: %s). Set it in connector.yaml or %1$s."
            .formatted(environmentVariable(key), key, value.isEmpty() ? "\"\"" : value, expected));
  }

  @Test
  void shouldRefuseKeySetTwice() {
    assertProblems(
        MINIMAL + "connector.id: c8\n",
        Map.of(),
        "connector.yaml:7:15: connector.id: set twice (first at connector.yaml:2:7). Remove one.");
  }

  @Test
  void shouldSayWhereFileIsNotYaml() {
    assertThatThrownBy(() -> read("connector:\n  id: 'c1\n", Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("connector.yaml:3:1: not YAML (found unexpected end of stream)");
  }

  @Test
  void shouldNotFollowNodeThatContainsItself() {
    assertThatThrownBy(() -> read(MINIMAL + "listener: &a\n  port: *a\n", Map.of()))
        .hasMessage(
            "connector.yaml:7:11: listener.port: expected one value. Give one or remove the key.");
  }

  @Test
  void shouldSayThatFileIsMissing() {
    assertThatThrownBy(
            () -> ConfigReader.read(Role.ROUTER, directory.resolve("none.yaml"), Map.of()))
        .hasMessageContaining("none.yaml:1:1: cannot be read");
  }

  @Test
  void shouldRefuseSlipInEnvironment() {
    assertProblems(
        MINIMAL,
        Map.of("PABAL_LISTENER_PROT", "1"),
        "PABAL_LISTENER_PROT: unknown variable (did you mean PABAL_LISTENER_PORT?). Rename or unset it.");
  }

  @Test
  void shouldOnlyWarnOfVariableThatIsNoKey() throws IOException {
    Settings settings =
        read(
            MINIMAL,
            Map.of(
                "PABAL_SERVICE_HOST",
                "10.0.0.1",
                "PABAL_NO_BUILD",
                "1",
                "PABAL_ROUTER_THREADS",
                "2"));

    assertThat(settings.warnings())
        .containsExactly(
            "PABAL_SERVICE_HOST: ignored, set by Kubernetes for a Service (enableServiceLinks: false in the pod's spec stops that)");
  }

  @Test
  void shouldRefuseAnonymousBeyondLoopbackUnlessSaid() throws IOException {
    assertProblems(
        MINIMAL,
        Map.of("PABAL_LISTENER_HOST", "0.0.0.0"),
        "listener.anonymous: not set (expected: true, which lets in anyone who reaches listener.host 0.0.0.0). Set it in connector.yaml or PABAL_LISTENER_ANONYMOUS.");

    Settings said =
        read(MINIMAL, Map.of("PABAL_LISTENER_HOST", "0.0.0.0", "PABAL_LISTENER_ANONYMOUS", "true"));
    assertThat(ConnectorKeys.config(said).listener().anonymous()).isTrue();
  }

  @ParameterizedTest
  @EnumSource(Role.class)
  void shouldAcceptExampleWithAllItsKeys(Role role) throws IOException {
    String commentedOut = ExampleConfig.of(role);
    // The certificates are a file that is there, and of use with TLS only.
    Path certificates = Files.writeString(directory.resolve("redis-ca.crt"), "");
    String everything =
        commentedOut
            .replaceAll("(?m)^  #(\\w+: \\S)", "  $1")
            .replace("uri: redis://", "uri: rediss://")
            .replaceAll("caFile: \\S+", "caFile: " + certificates);

    read(role, commentedOut, Map.of());
    Settings settings = read(role, everything, Map.of());

    assertThat(role.keys())
        .allSatisfy(key -> assertThat(settings.place(key)).isInstanceOf(ValueSource.InFile.class));
  }

  private static String environmentVariable(String key) {
    return Role.CONNECTOR.keys().stream()
        .filter(candidate -> candidate.name().equals(key))
        .findFirst()
        .orElseThrow()
        .environmentVariable();
  }

  private void assertProblems(String yaml, Map<String, String> environment, String... lines) {
    ConfigException e = catchThrowableOfType(ConfigException.class, () -> read(yaml, environment));
    assertThat(e.problems()).containsExactlyInAnyOrder(lines);
  }

  private Settings read(String yaml, Map<String, String> environment) throws IOException {
    return read(Role.CONNECTOR, yaml, environment);
  }

  private Settings read(Role role, String yaml, Map<String, String> environment)
      throws IOException {
    Path file = directory.resolve(role.fileName());
    Files.writeString(file, yaml);
    return ConfigReader.read(role, file, environment);
  }
}
