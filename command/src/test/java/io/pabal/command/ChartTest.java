// SPDX-License-Identifier: Apache-2.0
package io.pabal.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pabal.command.config.Role;
import io.pabal.command.config.setting.AddressTypes;
import io.pabal.command.config.setting.Key;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The text of the Helm chart, since there is no Helm where this is built. */
class ChartTest {

  private static final Path CHART = Path.of("..", "deploy", "helm", "pabal");
  private static final Pattern DOCUMENT = Pattern.compile("(?m)^---$");
  private static final Pattern WORKLOAD =
      Pattern.compile("(?m)^kind: (Deployment|StatefulSet|DaemonSet|ReplicaSet|Job|CronJob|Pod)$");
  private static final Pattern POD = Pattern.compile("(?m)^ *containers:$");
  private static final Pattern NO_LINKS = Pattern.compile("(?m)^ *enableServiceLinks: false$");
  private static final Pattern VARIABLE = Pattern.compile("(?m)^ *- name: (PABAL_.*)$");
  private static final Pattern NAME = Pattern.compile("(?m)^  name: (.*)$");

  @Test
  void shouldDisableServiceLinksInEveryPod() throws IOException {
    for (Path template : templates()) {
      String text = Files.readString(template);
      assertThat(POD.matcher(text).results().count())
          .as(template.toString())
          .isEqualTo(NO_LINKS.matcher(text).results().count());
      assertThat(WORKLOAD.matcher(text).results().count())
          .as(template.toString())
          .isEqualTo(
              Pattern.compile("include \"pabal.podTemplate\"").matcher(text).results().count());
    }
    assertThat(Files.readString(CHART.resolve("templates/_helpers.tpl"))).containsPattern(NO_LINKS);
  }

  @Test
  void shouldNameNoServiceWithAnAddressLikeConfiguration() throws IOException {
    int services = 0;
    for (Path template : templates()) {
      for (String document : DOCUMENT.splitAsStream(Files.readString(template)).toList()) {
        if (!document.contains("\nkind: Service\n")) {
          continue;
        }
        services++;
        // Kubernetes gives no variables for a Service without an address.
        if (!document.contains("\n  clusterIP: None\n")) {
          assertThat(NAME.matcher(document).results().map(name -> name.group(1)))
              .containsExactly("{{ include \"pabal.serviceName\" . }}");
        }
      }
    }
    assertThat(services).isEqualTo(2);
    assertThat(Files.readString(CHART.resolve("templates/_helpers.tpl")))
        .contains(
            "{{- define \"pabal.serviceName\" -}}\nmqtt-{{ include \"pabal.fullname\" . }}\n");
  }

  @ParameterizedTest
  @CsvSource({
    "'', true",
    "redis://redis:6379, true",
    "rediss://pabal:p%40ss@redis, true",
    "'redis-sentinel://a,b:26379/0#main', true",
    "'rediss-sentinel://:secret@a,b/0#main', true",
    "'redis-cluster://a:6379,b:6379', true",
    "'rediss-cluster://pabal:secret@a,b', true",
    "redis-clusters://a, false",
    "http://redis, false",
    "redis:6379, false",
  })
  void shouldTakeEveryKindOfRedisUri(String uri, boolean allowed) throws IOException {
    JsonNode schema = new ObjectMapper().readTree(CHART.resolve("values.schema.json").toFile());

    String pattern = schema.at("/properties/redis/properties/uri/pattern").asText();

    assertThat(Pattern.compile(pattern).matcher(uri).find()).isEqualTo(allowed);
    if (allowed && !uri.isEmpty()) {
      assertThat(AddressTypes.REDIS_URI.parse(uri)).isNotNull();
    }
  }

  @Test
  void shouldSetOnlyVariablesThatAKeyHas() throws IOException {
    Set<String> known =
        Arrays.stream(Role.values())
            .flatMap(role -> role.keys().stream())
            .map(Key::environmentVariable)
            .collect(Collectors.toSet());

    assertThat(
            VARIABLE
                .matcher(Files.readString(CHART.resolve("templates/_helpers.tpl")))
                .results()
                .map(variable -> variable.group(1)))
        .contains("PABAL_REDIS_URI", "PABAL_REDIS_PASSWORD", "PABAL_REDIS_CA_FILE")
        .allMatch(known::contains);
  }

  private static List<Path> templates() throws IOException {
    try (Stream<Path> files = Files.list(CHART.resolve("templates"))) {
      return files.toList();
    }
  }
}
