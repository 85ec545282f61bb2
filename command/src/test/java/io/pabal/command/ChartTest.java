// SPDX-License-Identifier: Apache-2.0
package io.pabal.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The text of the Helm chart, since there is no Helm where this is built. */
class ChartTest {

  private static final Path CHART = Path.of("..", "deploy", "helm", "pabal");
  private static final Pattern DOCUMENT = Pattern.compile("(?m)^---$");
  private static final Pattern WORKLOAD =
      Pattern.compile("(?m)^kind: (Deployment|StatefulSet|DaemonSet|ReplicaSet|Job|CronJob|Pod)$");
  private static final Pattern POD = Pattern.compile("(?m)^ *containers:$");
  private static final Pattern NO_LINKS = Pattern.compile("(?m)^ *enableServiceLinks: false$");
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

  private static List<Path> templates() throws IOException {
    try (Stream<Path> files = Files.list(CHART.resolve("templates"))) {
      return files.toList();
    }
  }
}
