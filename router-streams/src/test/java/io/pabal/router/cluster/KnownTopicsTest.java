// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.cluster;

import static io.pabal.router.Cluster.patiently;
import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.router.Cluster;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KnownTopicsTest {

  private static final long NOW_MILLIS = 1_000_000;
  private static final String TOPIC = "deliveries.c1";

  @TempDir private Path directory;

  @SuppressWarnings("NullAway.Init")
  KnownTopicsTest() {}

  @Test
  void shouldAskAgainOnlyIfTopicWasReliedOnAfterTheLastRequest() throws Exception {
    try (var cluster = new Cluster(directory);
        var topics = new KnownTopics(cluster.admin, clock())) {
      assertThat(topics.exists(TOPIC, NOW_MILLIS - 1)).isFalse();
      cluster.createDeliveries("c1");

      assertThat(topics.exists(TOPIC, NOW_MILLIS - 1)).as("denied before").isFalse();
      assertThat(topics.exists(TOPIC, NOW_MILLIS)).as("relied on since").isTrue();
      assertThat(topics.exists(TOPIC, NOW_MILLIS - 1)).as("known by now").isTrue();
    }
  }

  @Test
  void shouldNoticeCreatedAndDeletedTopics() throws Exception {
    try (var cluster = new Cluster(directory);
        var topics = new KnownTopics(cluster.admin, clock())) {
      topics.start();
      cluster.createDeliveries("c1");
      patiently().until(() -> topics.exists(TOPIC, 0));
      cluster.deleteDeliveries("c1");

      patiently().until(() -> !topics.exists(TOPIC, NOW_MILLIS));
    }
  }

  @Test
  void shouldReadWhatATopicTakesAtTheStartAndAgain() throws Exception {
    try (var cluster = new Cluster(directory);
        var topics = new KnownTopics(cluster.admin, clock())) {
      cluster.createDeliveries("c1");
      cluster.setMaxMessageBytes("c1", 5_000);
      topics.start();
      assertThat(topics.messageBytesMax(TOPIC)).isEqualTo(5_000);

      cluster.setMaxMessageBytes("c1", 6_000);
      patiently().until(() -> topics.messageBytesMax(TOPIC) == 6_000);

      topics.refused(TOPIC, 3_000, true, true);
      assertThat(topics.messageBytesMax(TOPIC)).as("refused all the same").isEqualTo(2_999);
    }
  }

  private static Clock clock() {
    return Clock.fixed(Instant.ofEpochMilli(NOW_MILLIS), ZoneOffset.UTC);
  }
}
