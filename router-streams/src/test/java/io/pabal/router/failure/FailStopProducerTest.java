// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.failure;

import static io.pabal.router.Cluster.patiently;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pabal.router.Cluster;
import io.pabal.router.Router;
import io.pabal.router.config.GroupProtocol;
import io.pabal.router.config.RouterException;
import io.pabal.router.config.StoreKind;
import io.pabal.schemas.Partitions;
import io.pabal.schemas.TopicCatalogue;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FailStopProducerTest {

  private static final String ROOM = "rooms/42";
  private static final int PARTITION = Partitions.of(ROOM, Cluster.TOPICS.partitions());
  private static final int MESSAGES = 50;

  @TempDir private Path directory;

  @SuppressWarnings("NullAway.Init")
  FailStopProducerTest() {}

  @Test
  void shouldSendNothingBehindRecordThatItsTopicRefused() throws Exception {
    try (var cluster = new Cluster(directory);
        var log = cluster.deliveries("c1")) {
      cluster.createDeliveries("c1");
      setMaxMessageBytes(cluster, 1_000);
      try (var router = cluster.startRouter("r")) {
        cluster.present(ROOM, "c1");
        patiently().until(() -> log.headers().size() == 1);

        for (int i = 0; i < MESSAGES; i++) {
          var _ = cluster.message(ROOM, i == 10 ? new byte[5_000] : "small".getBytes(UTF_8));
        }
        patiently().until(() -> router.metrics().threadsReplaced() > 0);
        setMaxMessageBytes(cluster, 1_000_000);

        patiently().until(() -> log.firstOffsets(PARTITION).size() == MESSAGES);
        log.assertNothingSkipped(PARTITION, 0);
        assertThat(router.terminated().toCompletableFuture()).isNotDone();
      }
    }
  }

  @Test
  void shouldEndRouterWhenRecordCanNeverBeSent() throws Exception {
    try (var cluster = new Cluster(directory)) {
      cluster.createDeliveries("c1");
      setMaxMessageBytes(cluster, 1_000);
      try (var router =
          Router.start(cluster.config("r", StoreKind.IN_MEMORY, GroupProtocol.STREAMS))) {
        cluster.present(ROOM, "c1");
        patiently().until(() -> router.metrics().activations() == 1);
        var _ = cluster.message(ROOM, new byte[5_000]);
        var terminated = router.terminated().toCompletableFuture();
        patiently().until(terminated::isDone);

        assertThatThrownBy(terminated::join)
            .hasCauseInstanceOf(RouterException.class)
            .hasStackTraceContaining("RecordTooLargeException");
        assertThat(router.metrics().threadsReplaced()).isEqualTo(FailurePolicy.UNEXPECTED_MAX);
      }
    }
  }

  private static void setMaxMessageBytes(Cluster cluster, int bytes) throws Exception {
    var topic = new ConfigResource(ConfigResource.Type.TOPIC, TopicCatalogue.deliveriesTopic("c1"));
    Collection<AlterConfigOp> set =
        List.of(
            new AlterConfigOp(
                new ConfigEntry("max.message.bytes", Integer.toString(bytes)),
                AlterConfigOp.OpType.SET));
    cluster.admin.incrementalAlterConfigs(Map.of(topic, set)).all().get(30, SECONDS);
  }
}
