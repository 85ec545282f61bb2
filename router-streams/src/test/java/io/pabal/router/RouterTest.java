// SPDX-License-Identifier: Apache-2.0
package io.pabal.router;

import static io.pabal.router.Cluster.patiently;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pabal.router.config.GroupProtocol;
import io.pabal.router.config.RouterConfig;
import io.pabal.router.config.StoreKind;
import io.pabal.schemas.DeliveryHeader.Activated;
import io.pabal.schemas.DeliveryHeader.Routed;
import io.pabal.schemas.topic.TopicCatalogue;
import io.pabal.schemas.topic.TopicMismatchException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RouterTest {

  private static final String ROOM = "rooms/42";
  private static final int PARTITION = Cluster.TOPICS.feeds().partitionOf(ROOM);
  private static final byte[] HELLO = "not even Avro".getBytes(UTF_8);

  @TempDir private Path directory;
  private Cluster cluster;

  @SuppressWarnings("NullAway.Init")
  RouterTest() {}

  @BeforeEach
  void start() throws Exception {
    cluster = new Cluster(directory);
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  @ParameterizedTest
  @EnumSource(StoreKind.class)
  void shouldAnswerLocationAndForwardMessage(StoreKind store) throws Exception {
    cluster.message(ROOM, HELLO).get(Cluster.PATIENCE.toSeconds(), SECONDS);
    cluster.createDeliveries("c1");
    try (var router = Router.start(cluster.config("r", store, GroupProtocol.CLASSIC));
        var log = cluster.deliveries("c1")) {
      cluster.present(ROOM, "c1");
      patiently().until(() -> log.headers().size() == 1);
      cluster.message(ROOM, HELLO).get(Cluster.PATIENCE.toSeconds(), SECONDS);
      patiently().until(() -> log.headers().size() == 2);

      assertThat(log.headers())
          .containsExactly(new Activated(PARTITION, 0, 1, 1), new Routed(PARTITION, 1, 1, 1));
      assertThat(log.records().getLast().value()).isEqualTo(HELLO);
      assertThat(log.records().getLast().key()).isEqualTo(ROOM.getBytes(UTF_8));
      assertThat(router.metrics().unrouted()).isEqualTo(1);
    }
  }

  @Test
  void shouldNotRefuseConnectorWhoseTopicWasJustCreated() throws Exception {
    try (var router = cluster.startRouter("r")) {
      for (int i = 0; i < 5; i++) {
        String id = "new" + i;
        cluster.createDeliveries(id);
        cluster.present(ROOM, id);
        try (var log = cluster.deliveries(id)) {
          patiently().until(() -> log.headers().size() == 1);
        }
      }
      assertThat(router.metrics().skippedTopicGone()).isZero();
    }
  }

  @Test
  void shouldServeOtherConnectorsWhenOneTopicIsDeletedUnderTraffic() throws Exception {
    cluster.createDeliveries("c1");
    cluster.createDeliveries("c2");
    try (var router = cluster.startRouter("r");
        var log = cluster.deliveries("c2");
        var traffic = new Traffic(cluster, ROOM)) {
      cluster.present(ROOM, "c1");
      cluster.present(ROOM, "c2");
      patiently().until(() -> log.headers().size() == 1);
      traffic.start();
      patiently().until(() -> log.firstOffsets(PARTITION).size() > 100);

      cluster.deleteDeliveries("c1");
      patiently().until(() -> router.metrics().skippedTopicGone() > 0);
      long last = traffic.stop();

      patiently().until(() -> log.firstOffsets(PARTITION).getLast() == last);
      log.assertNothingSkipped(PARTITION, log.firstOffsets(PARTITION).getFirst());
      assertThat(router.metrics().threadsReplaced()).isZero();
    }
  }

  @Test
  void shouldRefuseTopicsWithAnotherNumberOfPartitions() {
    var config =
        new RouterConfig(
            cluster.config("r", StoreKind.IN_MEMORY, GroupProtocol.CLASSIC).bootstrapServers(),
            new TopicCatalogue(4, Duration.ofHours(1)),
            (short) 1,
            RouterConfig.APPLICATION_ID_DEFAULT,
            1,
            directory.resolve("r"),
            StoreKind.IN_MEMORY,
            0,
            GroupProtocol.CLASSIC,
            RouterConfig.SESSION_TIMEOUT_DEFAULT);

    assertThatThrownBy(() -> Router.start(config)).isInstanceOf(TopicMismatchException.class);
  }
}
