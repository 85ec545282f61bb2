// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.failure;

import static io.pabal.router.Cluster.patiently;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.router.Cluster;
import io.pabal.router.DeliveryLog;
import io.pabal.router.cluster.RefusedDeliveries;
import io.pabal.schemas.DeliveryHeader.Activated;
import io.pabal.schemas.DeliveryHeader.Routed;
import io.pabal.schemas.topic.TopicCatalogue;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FailStopProducerTest {

  private static final String ROOM = "rooms/42";
  private static final int PARTITION = Cluster.TOPICS.feeds().partitionOf(ROOM);
  private static final int MESSAGES = 50;

  @TempDir private Path directory;

  @SuppressWarnings("NullAway.Init")
  FailStopProducerTest() {}

  @Test
  void shouldAnnounceDeliveryThatItsTopicRefusesAndSkipNothing() throws Exception {
    try (var cluster = new Cluster(directory);
        var refusing = cluster.deliveries("c1");
        var other = cluster.deliveries("c2")) {
      cluster.createDeliveries("c1");
      cluster.createDeliveries("c2");
      try (var router = cluster.startRouter("r")) {
        cluster.present(ROOM, "c1");
        cluster.present(ROOM, "c2");
        patiently().until(() -> refusing.headers().size() == 1 && other.headers().size() == 1);
        // A task that reads a location again would answer with the end of the partition as head.
        cluster.awaitCommitted(new TopicPartition(TopicCatalogue.LOCATIONS, PARTITION), 2);

        cluster.setMaxMessageBytes("c1", 1_000);
        for (int i = 0; i < MESSAGES; i++) {
          var _ = cluster.message(ROOM, i % 20 == 10 ? new byte[5_000] : "small".getBytes(UTF_8));
        }

        patiently().until(() -> positions(refusing).size() == MESSAGES);
        patiently().until(() -> other.firstOffsets(PARTITION).size() == MESSAGES);
        assertThat(positions(refusing)).isEqualTo(LongStream.range(0, MESSAGES).boxed().toList());
        assertThat(refusing.firstOffsets(PARTITION)).doesNotContain(10L, 30L).hasSize(MESSAGES - 2);
        other.assertNothingSkipped(PARTITION, 0);

        // A topic that refuses every record does not affect other connectors.
        cluster.setMaxMessageBytes("c1", 50);
        var _ = cluster.message(ROOM, "small".getBytes(UTF_8));
        patiently().until(() -> other.firstOffsets(PARTITION).size() == MESSAGES + 1);
        patiently().until(() -> router.metrics().refused() > 0);
        assertThat(router.terminated().toCompletableFuture()).isNotDone();
      }
    }
  }

  @Test
  void shouldSendLessToATopicWithEachRefusalUntilItIsForgotten() {
    var clock = new SettableClock();
    var refused = new RefusedDeliveries(clock);
    assertThat(refused.messageBytesMax("a")).isEqualTo(Integer.MAX_VALUE);

    refused.add("a", 900, true, true);
    refused.add("a", 800, true, true);
    assertThat(refused.messageBytesMax("a")).isEqualTo(799);
    refused.add("a", 700, true, true);
    assertThat(refused.messageBytesMax("a")).isZero();
    assertThat(refused.takesNothing("a")).isFalse();
    refused.add("a", 150, false, true);
    assertThat(refused.takesNothing("a")).isTrue();

    refused.add("b", 900, true, false);
    assertThat(refused.messageBytesMax("b")).isZero();
    clock.millis += Duration.ofMinutes(11).toMillis();
    assertThat(refused.messageBytesMax("b")).isEqualTo(Integer.MAX_VALUE);
    assertThat(refused.takesNothing("a")).isFalse();
  }

  /** The positions up to which the connector has every message, in the order of first arrival. */
  private static List<Long> positions(DeliveryLog log) {
    return log.headers().stream()
        .map(
            header ->
                switch (header) {
                  case Routed routed -> routed.offset();
                  case Activated activated -> activated.head();
                  default -> throw new AssertionError(header);
                })
        .filter(position -> position >= 0)
        .distinct()
        .toList();
  }

  private static final class SettableClock extends Clock {
    long millis;

    @Override
    public long millis() {
      return millis;
    }

    @Override
    public Instant instant() {
      return Instant.ofEpochMilli(millis);
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }
}
