// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.timeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.schemas.topic.TopicCatalogue;
import io.pabal.sessioncache.RedisFixture;
import io.pabal.sessioncache.timeline.TimelineBatch.PartitionRange;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A partition whose Redis does not take its messages does not hold up the others. */
class PendingAppendsTest {

  private static final TimelineKeys KEYS = new TimelineKeys(TopicCatalogue.PARTITIONS_DEFAULT);
  private static final String ADDRESS = "rooms/42";
  private static final long WAIT_MILLIS = 5_000;

  private RedisFixture redis;
  private TimelineAppender appender;
  private PendingAppends pending;

  @BeforeEach
  void open(@TempDir Path directory) throws InterruptedException {
    redis = new RedisFixture(directory);
    appender =
        TimelineAppender.open(
            new TimelineConfig(
                "unused",
                redis.uri(),
                TopicCatalogue.defaults(),
                (short) 1,
                100,
                Duration.ofDays(7),
                TimelineConfig.SESSION_TIMEOUT_DEFAULT),
            "topic-1");
    pending = new PendingAppends(appender);
  }

  @AfterEach
  void close() {
    redis.configure("maxmemory", "0");
    appender.close();
    redis.close();
  }

  @Test
  void shouldAppendTheBatchesOfSeveralPartitions() throws InterruptedException {
    for (int partition = 0; partition < 12; partition++) {
      pending.add(batch(partition, -1, 4));
    }

    assertThat(pending.advance(WAIT_MILLIS)).hasSize(12);

    assertThat(pending.isEmpty()).isTrue();
    for (int partition = 0; partition < 12; partition++) {
      assertThat(watermark(partition)).isEqualTo("4");
      assertThat(redis.commands().xlen(KEYS.timeline(partition, ADDRESS))).isEqualTo(5);
    }
  }

  @Test
  void shouldTryAgainUntilRedisHasMemory() {
    redis.configure("maxmemory", "1");
    pending.add(batch(0, -1, 9));
    awaitAdvance(() -> appender.retries() > 2);
    assertThat(watermark(0)).isNull();
    assertThat(appender.problem()).hasValueSatisfying(text -> assertThat(text).contains("OOM"));

    redis.configure("maxmemory", "0");
    awaitAdvance(() -> pending.isEmpty());

    assertThat(watermark(0)).isEqualTo("9");
    awaitAdvance(
        () -> {
          appender.probe();
          return appender.problem().isEmpty();
        });
  }

  @Test
  void shouldAppendTheOtherPartitionsWhileOneIsRefused() {
    // Given a key in a timeline's place
    String timeline = KEYS.timeline(3, ADDRESS);
    redis.commands().set(timeline, "no stream");
    List<TimelineBatch> confirmed = new ArrayList<>();

    // When
    for (int partition = 0; partition < 12; partition++) {
      pending.add(batch(partition, -1, 4));
    }
    awaitAdvance(confirmed, () -> confirmed.size() == 11);

    // Then
    assertThat(pending.partitions()).containsExactly(3);
    assertThat(watermark(3)).isNull();
    assertThat(watermark(4)).isEqualTo("4");
    awaitAdvance(confirmed, () -> appender.problem().isPresent());
    assertThat(appender.problem())
        .hasValueSatisfying(text -> assertThat(text).contains("1 partitions (3)", "WRONGTYPE"));

    // And other batches go on
    pending.add(batch(4, 4, 8));
    awaitAdvance(confirmed, () -> "8".equals(watermark(4)));

    // When the key is gone
    redis.commands().del(timeline);
    awaitAdvance(confirmed, pending::isEmpty);

    // Then
    assertThat(watermark(3)).isEqualTo("4");
    assertThat(redis.commands().xlen(timeline)).isEqualTo(5);
  }

  @Test
  void shouldForgetTheBatchesOfLostPartitions() {
    redis.configure("maxmemory", "1");
    pending.add(batch(0, -1, 9));
    pending.add(batch(1, -1, 9));
    awaitAdvance(() -> appender.retries() > 2);

    pending.drop(List.of(0, 5));

    assertThat(pending.partitions()).containsExactly(1);
  }

  private void awaitAdvance(Callable<Boolean> condition) {
    awaitAdvance(new ArrayList<>(), condition);
  }

  private void awaitAdvance(List<TimelineBatch> confirmed, Callable<Boolean> condition) {
    Awaitility.await()
        .pollInSameThread()
        .pollInterval(Duration.ofMillis(10))
        .until(
            () -> {
              confirmed.addAll(pending.advance(WAIT_MILLIS));
              return condition.call();
            });
  }

  private String watermark(int partition) {
    return redis.commands().hget(KEYS.partition(partition), "watermark");
  }

  private static TimelineBatch batch(int partition, long base, long top) {
    TimelineBatch batch = new TimelineBatch(new PartitionRange(partition, base, top, -1));
    for (long offset = base + 1; offset <= top; offset++) {
      batch.addMessage(ADDRESS, ADDRESS, offset, ("m" + offset).getBytes(StandardCharsets.UTF_8));
    }
    return batch;
  }
}
