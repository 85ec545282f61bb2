// SPDX-License-Identifier: Apache-2.0
package io.pabal.router;

import static io.pabal.router.Cluster.patiently;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.embedded.GroupSettings;
import io.pabal.schemas.topic.TopicCatalogue;
import io.pabal.telemetry.Health.Check;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RouterHealthTest {

  private static final Map<String, String> WITH_RIGHTS =
      Map.of(
          "authorizer.class.name",
          "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
          "allow.everyone.if.no.acl.found",
          "true");

  @TempDir private Path directory;

  @SuppressWarnings("NullAway.Init")
  RouterHealthTest() {}

  @Test
  void shouldNameTheErrorWhenKafkaRefusesRecords() throws Exception {
    try (var cluster = new Cluster(directory, GroupSettings.QUICK, WITH_RIGHTS);
        var router = cluster.startRouter("r")) {
      cluster.createDeliveries("c1");
      cluster.present("rooms/42", "c1");
      patiently().until(() -> router.metrics().activations() == 1);
      patiently().until(() -> router.health().isReady());

      deny(cluster, TopicCatalogue.deliveriesTopic("c1"));
      var _ = cluster.message("rooms/42", "m".getBytes(UTF_8));

      patiently()
          .untilAsserted(
              () -> {
                Check check =
                    router.health().checks().stream()
                        .filter(each -> each.name().equals("kafka-deliveries"))
                        .findFirst()
                        .orElseThrow();
                assertThat(check.ok()).isFalse();
                assertThat(check.detail())
                    .contains("deliveries.c1: Not authorized to access topics: [deliveries.c1]")
                    .contains("Give this user the right (kafka-acls).");
              });
      assertThat(router.health().isReady()).isFalse();
    }
  }

  private static void deny(Cluster cluster, String topic) throws Exception {
    cluster
        .admin
        .createAcls(
            List.of(
                rule(topic, AclOperation.ALL, AclPermissionType.ALLOW),
                rule(topic, AclOperation.WRITE, AclPermissionType.DENY)))
        .all()
        .get(30, SECONDS);
  }

  private static AclBinding rule(
      String topic, AclOperation operation, AclPermissionType permission) {
    return new AclBinding(
        new ResourcePattern(ResourceType.TOPIC, topic, PatternType.LITERAL),
        new AccessControlEntry("User:*", "*", operation, permission));
  }
}
