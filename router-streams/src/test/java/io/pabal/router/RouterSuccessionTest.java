// SPDX-License-Identifier: Apache-2.0
package io.pabal.router;

import static io.pabal.router.Cluster.patiently;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.router.config.GroupProtocol;
import io.pabal.router.config.StoreKind;
import io.pabal.schemas.DeliveryHeader;
import io.pabal.schemas.DeliveryHeader.Activated;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A router that takes over from another one, or from itself. */
class RouterSuccessionTest {

  private static final String ROOM = "rooms/42";
  private static final int PARTITION = Cluster.TOPICS.feeds().partitionOf(ROOM);
  private static final byte[] HELLO = "not even Avro".getBytes(UTF_8);

  @TempDir private Path directory;
  private Cluster cluster;

  @SuppressWarnings("NullAway.Init")
  RouterSuccessionTest() {}

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
  void shouldRestoreLocationTableOnAnotherMachine(StoreKind store) throws Exception {
    cluster.createDeliveries("c1");
    try (var log = cluster.deliveries("c1")) {
      try (var _ = Router.start(cluster.config("r1", store, GroupProtocol.CLASSIC))) {
        cluster.present(ROOM, "c1");
        patiently().until(() -> log.headers().size() == 1);
      }
      try (var _ = Router.start(cluster.config("r2", store, GroupProtocol.CLASSIC))) {
        cluster.message(ROOM, HELLO).get(Cluster.PATIENCE.toSeconds(), SECONDS);
        patiently().until(() -> log.firstOffsets(PARTITION).size() == 1);
      }
    }
  }

  @Test
  void shouldSkipNothingAcrossRestartsUnderTraffic() throws Exception {
    cluster.createDeliveries("c1");
    try (var log = cluster.deliveries("c1");
        var traffic = new Traffic(cluster, ROOM)) {
      var router = cluster.startRouter("r");
      cluster.present(ROOM, "c1");
      patiently().until(() -> !log.headers().isEmpty());
      traffic.start();
      for (int i = 0; i < 3; i++) {
        int seen = log.firstOffsets(PARTITION).size();
        patiently().until(() -> log.firstOffsets(PARTITION).size() > seen + 200);
        router.close();
        router = cluster.startRouter("r");
      }
      long last = traffic.stop();
      patiently().until(() -> log.firstOffsets(PARTITION).getLast() == last);
      router.close();

      log.assertNothingSkipped(PARTITION, log.firstOffsets(PARTITION).getFirst());
      assertThat(firstActivation(log).head()).isLessThan(log.firstOffsets(PARTITION).getFirst());
    }
  }

  @ParameterizedTest
  @EnumSource(GroupProtocol.class)
  void shouldTakeOverFromRouterThatLeaves(GroupProtocol protocol) throws Exception {
    cluster.createDeliveries("c1");
    try (var log = cluster.deliveries("c1");
        var traffic = new Traffic(cluster, ROOM)) {
      var first = Router.start(cluster.config("r1", StoreKind.IN_MEMORY, protocol));
      cluster.present(ROOM, "c1");
      patiently().until(() -> !log.headers().isEmpty());
      traffic.start();
      try (var second = Router.start(cluster.config("r2", StoreKind.IN_MEMORY, protocol))) {
        first.close();
        long last = traffic.stop();
        patiently().until(() -> log.firstOffsets(PARTITION).getLast() == last);

        log.assertNothingSkipped(PARTITION, log.firstOffsets(PARTITION).getFirst());
        assertThat(second.metrics().threadsReplaced()).isZero();
      }
      assertThat(first.terminated().toCompletableFuture()).isCompleted();
    }
  }

  private static Activated firstActivation(DeliveryLog log) {
    DeliveryHeader first = log.headers().getFirst();
    return (Activated) first;
  }
}
