// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.timeline;

import static io.pabal.sessioncache.Stages.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pabal.schemas.topic.TopicCatalogue;
import io.pabal.sessioncache.RedisFixture;
import io.pabal.sessioncache.SessionCache;
import io.pabal.sessioncache.SessionCacheConfig;
import io.pabal.sessioncache.timeline.TimelineBatch.PartitionRange;
import io.pabal.sessioncache.timeline.TimelineRepair.Before;
import io.pabal.sessioncache.timeline.TimelineRepair.Reach;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The messages that a repair puts back into timelines, and the gaps that readers see meanwhile. */
@Timeout(60)
class TimelineRepairTest {

  private static final String ADDRESS = "rooms/42";
  private static final TimelineKeys KEYS = new TimelineKeys(TopicCatalogue.PARTITIONS_DEFAULT);
  private static final String KEY = KEYS.timeline(0, ADDRESS);
  private static final String TOPIC_ID = "topic-1";
  private static final int MESSAGES_MAX = 20;

  private static RedisFixture redis;
  private static SessionCache cache;
  private static TimelineRepair repair;
  private TimelineAppender appender;

  @BeforeAll
  static void start(@TempDir Path directory) {
    redis = new RedisFixture(directory);
    cache = SessionCache.connect(SessionCacheConfig.of(redis.uri()), 12);
    repair = cache.repair(TOPIC_ID);
  }

  @AfterAll
  static void stop() {
    cache.close();
    redis.close();
  }

  @BeforeEach
  void openAppender() throws InterruptedException {
    redis.commands().flushall();
    redis.configure("stream-node-max-entries", "1");
    appender =
        TimelineAppender.open(
            new TimelineConfig(
                "unused",
                redis.uri(),
                TopicCatalogue.defaults(),
                (short) 1,
                MESSAGES_MAX,
                Duration.ofDays(7),
                TimelineConfig.SESSION_TIMEOUT_DEFAULT),
            TOPIC_ID);
  }

  @AfterEach
  void closeAppender() {
    appender.close();
  }

  @Test
  void shouldFindTheMessagesThatADeletedTimelineLacks() throws InterruptedException {
    append(-1, 4);
    redis.commands().del(KEY);
    append(4, 6);

    assertThat(lacking(0, 9)).containsExactly(0L, 1L, 2L, 3L, 4L);
  }

  @Test
  void shouldNotCountTrimmedMessagesOrMessagesBelowTheFloorAsLacking() throws InterruptedException {
    append(2, 3 * MESSAGES_MAX);

    assertThat(lacking(0, 3 * MESSAGES_MAX)).isEmpty();
  }

  @Test
  void shouldPutLackingMessagesBackBelowThoseThatArrivedMeanwhile() throws InterruptedException {
    // Given
    append(-1, 4);
    redis.commands().del(KEY);
    append(4, 6);
    assertThat(offsets(read(-1, 6))).containsExactly(5L, 6L);

    // When
    int added = refill(Before.COMPLETE, 0, 4);

    // Then
    assertThat(added).isEqualTo(5);
    assertThat(offsets(read(-1, 6))).containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L);
    assertThat(read(-1, 6).gapPossible()).isFalse();
    assertThat(refill(Before.COMPLETE, 0, 6)).isZero();
    // and the writer continues as before
    append(5, 8);
    assertThat(offsets(read(3, 8))).containsExactly(4L, 5L, 6L, 7L, 8L);
  }

  @Test
  void shouldCountTheMessagesThatItWouldPutBackAndWriteNothing() throws InterruptedException {
    append(-1, 4);
    redis.commands().del(KEY);
    append(4, 6);

    assertThat(await(repair.wouldRefill(0, ADDRESS, entries(0, 6)))).isEqualTo(5);
    assertThat(redis.commands().xlen(KEY)).isEqualTo(2);
    assertThat(refill(Before.COMPLETE, 0, 6)).isEqualTo(5);
    assertThat(await(repair.wouldRefill(0, ADDRESS, entries(0, 6)))).isZero();
  }

  @Test
  void shouldSendReadersToKafkaForMessagesThatWereNotPutBack() throws InterruptedException {
    // Given
    append(-1, 9);
    redis.commands().del(KEY);

    // When the newest messages are put back first
    refill(Before.UNKNOWN, 7, 9);

    // Then
    assertThat(read(3, 9).gapThrough()).isEqualTo(6);
    assertThat(read(6, 9).gapPossible()).isFalse();
    assertThat(offsets(read(6, 9))).containsExactly(7L, 8L, 9L);

    // When
    refill(Before.UNKNOWN, 4, 6);

    // Then
    assertThat(read(3, 9).gapPossible()).isFalse();
    assertThat(offsets(read(3, 9))).containsExactly(4L, 5L, 6L, 7L, 8L, 9L);
    assertThat(read(2, 9).gapThrough()).isEqualTo(3);
  }

  @Test
  void shouldPutNothingBeforeTimelineThatWasTrimmed() throws InterruptedException {
    append(-1, 2 * MESSAGES_MAX);
    long first = offsets(read(MESSAGES_MAX, 2 * MESSAGES_MAX)).getFirst();

    assertThat(refill(Before.UNKNOWN, 0, 5)).isZero();
    assertThat(read(-1, 2 * MESSAGES_MAX).gapThrough()).isEqualTo(first - 1);
  }

  @Test
  void shouldKeepNewestWhenThereIsMoreThanTimelineHolds() throws InterruptedException {
    append(-1, 2 * MESSAGES_MAX);
    redis.commands().del(KEY);

    refill(Before.COMPLETE, 0, 2 * MESSAGES_MAX);

    assertThat(redis.commands().xlen(KEY)).isEqualTo(MESSAGES_MAX);
    assertThat(read(-1, 2 * MESSAGES_MAX).gapThrough()).isEqualTo(MESSAGES_MAX);
  }

  @Test
  void shouldPutBackNothingBeyondWatermark() throws InterruptedException {
    append(-1, 3);
    redis.commands().del(KEY);

    assertThat(refill(Before.UNKNOWN, 0, 9)).isEqualTo(4);
    append(3, 9);
    assertThat(offsets(read(-1, 9))).hasSize(10);
  }

  @Test
  void shouldLowerFloorOnlyFromWhereItWas() throws InterruptedException {
    append(49, 60);
    assertThat(await(repair.reach(0))).isEqualTo(new Reach(60, 49, true));

    assertThat(await(repair.lowerFloor(0, 48, 30))).isEqualTo(49);
    assertThat(await(repair.lowerFloor(0, 49, 30))).isEqualTo(30);
    assertThat(await(repair.reach(0)).floor()).isEqualTo(30);
  }

  @Test
  void shouldKeepExpiryOfTimeline() throws InterruptedException {
    append(-1, 4);
    redis.commands().pexpire(KEY, Duration.ofDays(30).toMillis());
    long before = redis.commands().pttl(KEY);
    redis.commands().xdel(KEY, "2-1");

    refill(Before.UNKNOWN, 2, 2);

    assertThat(redis.commands().pttl(KEY)).isBetween(before - 60_000, before);
    redis.commands().del(KEY);
    refill(Before.UNKNOWN, 0, 4);
    assertThat(redis.commands().pttl(KEY))
        .isBetween(Duration.ofDays(7).toMillis(), Duration.ofDays(8).toMillis());
  }

  @Test
  void shouldRefuseTimelinesOfAnotherTopic() throws InterruptedException {
    append(-1, 4);

    assertThatThrownBy(() -> await(cache.repair("topic-2").reach(0)))
        .hasStackTraceContaining("OTHERTOPIC topic-1");
  }

  @Test
  void shouldPutNothingBackWhileNoWriterHasPublished() {
    redis.commands().flushall();

    assertThat(await(repair.reach(0)).written()).isFalse();
    assertThatThrownBy(() -> refill(Before.UNKNOWN, 0, 4)).hasStackTraceContaining("NOWRITER");
  }

  private void append(long base, long top) throws InterruptedException {
    TimelineBatch batch = new TimelineBatch(new PartitionRange(0, base, top, -1));
    for (long offset = base + 1; offset <= top; offset++) {
      batch.addMessage(ADDRESS, ADDRESS, offset, value(offset));
    }
    appender.send(List.of(batch)).join();
  }

  private static int refill(Before before, long from, long through) {
    return await(repair.refill(0, ADDRESS, entries(from, through), before));
  }

  private static List<TimelineEntry> entries(long from, long through) {
    return LongStream.rangeClosed(from, through)
        .mapToObj(offset -> new TimelineEntry(ADDRESS, offset, value(offset)))
        .toList();
  }

  private static List<Long> lacking(long from, long through) {
    List<Long> asked = LongStream.rangeClosed(from, through).boxed().toList();
    return await(repair.lacking(0, Map.of("nobody", List.of(), ADDRESS, asked)))
        .getOrDefault(ADDRESS, List.of());
  }

  private static TimelinePage read(long after, long through) {
    return await(cache.timelines().read(ADDRESS, 0, after, through, 1_000));
  }

  private static List<Long> offsets(TimelinePage page) {
    return page.entries().stream().map(TimelineEntry::offset).toList();
  }

  private static byte[] value(long offset) {
    return Long.toString(offset).getBytes(StandardCharsets.UTF_8);
  }
}
