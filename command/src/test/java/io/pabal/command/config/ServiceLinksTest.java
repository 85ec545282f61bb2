// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pabal.command.config.setting.ConfigException;
import io.pabal.command.config.setting.ServiceLink;
import io.pabal.command.config.setting.Settings;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What Kubernetes adds to the environment is no configuration. */
class ServiceLinksTest {

  private static final Map<String, String> MINIMAL =
      Map.of(
          "PABAL_CONNECTOR_ID", "c1",
          "PABAL_KAFKA_BOOTSTRAP_SERVERS", "kafka:9092",
          "PABAL_REDIS_URI", "redis://redis:6379");

  /** Names of Services, among them each word that a key begins with. */
  static Stream<String> services() {
    Stream<String> sections =
        Arrays.stream(Role.values())
            .flatMap(role -> role.keys().stream())
            .map(key -> "pabal-" + key.section().replace('.', '-'));
    return Stream.concat(Stream.of("pabal", "pabal-pabal-mqtt"), sections).distinct();
  }

  @ParameterizedTest
  @MethodSource("services")
  void shouldIgnoreTheVariablesOfAServiceWithOneWarning(String service) {
    for (String protocol : List.of("tcp", "udp", "sctp")) {
      Map<String, String> environment = new TreeMap<>(MINIMAL);
      environment.putAll(links(service, protocol));

      for (Role role : Role.values()) {
        Settings settings = ConfigReader.read(role, null, environment);
        assertThat(settings.warnings())
            .singleElement()
            .asString()
            .contains(" and 8 more: ignored, set by Kubernetes for a Service");
        assertThat(role.keys())
            .allSatisfy(
                key ->
                    assertThat(settings.print(key))
                        .isEqualTo(ConfigReader.read(role, null, MINIMAL).print(key)));
      }
      assertThat(ConfigReader.readCluster(null, environment).warnings()).hasSize(1);
    }
  }

  @ParameterizedTest
  @EnumSource(Role.class)
  void shouldTakeNoKeyForTheVariableOfAService(Role role) {
    assertThat(role.keys())
        .noneMatch(key -> ServiceLink.is(key.environmentVariable(), "tcp"))
        .noneMatch(key -> ServiceLink.is(key.environmentVariable(), key.printedExample()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"PABAL_LISTENER_PROT", "PABAL_LISTENERPORT", "PABAL_REDIS_URL"})
  void shouldStillRefuseASlip(String name) {
    Map<String, String> environment = new TreeMap<>(MINIMAL);
    environment.put(name, "1");

    assertThatThrownBy(() -> ConfigReader.read(Role.CONNECTOR, null, environment))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(name + ": unknown variable (did you mean ");
    assertThatThrownBy(() -> ConfigReader.readCluster(null, environment))
        .isInstanceOf(ConfigException.class);
  }

  @Test
  void shouldStillRefuseAPortThatIsNone() {
    Map<String, String> environment = new TreeMap<>(MINIMAL);
    environment.put("PABAL_LISTENER_PORT", "tcp");

    assertThatThrownBy(() -> ConfigReader.read(Role.CONNECTOR, null, environment))
        .hasMessageContaining("listener.port: tcp (expected: 1-65535)");
  }

  private static Map<String, String> links(String service, String protocol) {
    String name = service.toUpperCase(Locale.ROOT).replace('-', '_');
    String port = name + "_PORT_1883_" + protocol.toUpperCase(Locale.ROOT);
    String url = protocol + "://10.0.0.7:1883";
    return Map.of(
        name + "_SERVICE_HOST",
        "10.0.0.7",
        name + "_SERVICE_PORT",
        "1883",
        name + "_SERVICE_PORT_MQTT",
        "1883",
        name + "_SERVICE_PORT_HTTP_METRICS",
        "9631",
        name + "_PORT",
        url,
        port,
        url,
        port + "_PROTO",
        protocol,
        port + "_PORT",
        "1883",
        port + "_ADDR",
        "10.0.0.7");
  }
}
