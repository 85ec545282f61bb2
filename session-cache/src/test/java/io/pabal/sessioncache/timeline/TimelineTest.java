// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.timeline;

import static io.pabal.sessioncache.Stages.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.XAddArgs;
import io.pabal.schemas.topic.TopicCatalogue;
import io.pabal.sessioncache.RedisFixture;
import io.pabal.sessioncache.SessionCache;
import io.pabal.sessioncache.SessionCacheConfig;
import io.pabal.sessioncache.timeline.TimelineBatch.PartitionRange;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Appending and reading, without Kafka. */
@Timeout(60)
class TimelineTest {

  private static final int COUNT_MAX = 1_000;
  private static final String ADDRESS = "rooms/42";
  private static final TimelineKeys KEYS = new TimelineKeys(TopicCatalogue.PARTITIONS_DEFAULT);
  private static final String KEY = KEYS.timeline(0, ADDRESS);

  private static RedisFixture redis;
  private static SessionCache cache;
  private TimelineAppender appender;

  @BeforeAll
  static void start(@TempDir Path directory) {
    redis = new RedisFixture(directory);
    cache =
        SessionCache.connect(
            new SessionCacheConfig(redis.uri(), Duration.ofSeconds(5), Duration.ofSeconds(20)), 12);
  }

  @AfterAll
  static void stop() {
    cache.close();
    redis.close();
  }

  @BeforeEach
  void openAppender() throws InterruptedException {
    redis.commands().flushall();
    redis.configure("stream-node-max-entries", "10");
    appender = TimelineAppender.open(config(), "topic-1");
  }

  @AfterEach
  void closeAppender() {
    redis.configure("maxmemory", "0");
    appender.close();
  }

  // Reading

  @Test
  void shouldReadAllMessagesOfAFeedWithTheirAddresses() {
    List<String> addresses =
        List.of(ADDRESS, ADDRESS + "/typing", ADDRESS, ADDRESS + "/", ADDRESS + "/방/seen");
    TimelineBatch batch = new TimelineBatch(new PartitionRange(0, -1, addresses.size() - 1, -1));
    for (int i = 0; i < addresses.size(); i++) {
      batch.addMessage(ADDRESS, addresses.get(i), i, new byte[] {(byte) i});
    }
    appender.send(List.of(batch)).join();

    TimelinePage page = read(-1, addresses.size() - 1);

    assertThat(page.entries())
        .extracting(TimelineEntry::address)
        .containsExactlyElementsOf(addresses);
    assertThat(offsets(page)).containsExactlyElementsOf(range(0, addresses.size() - 1));
  }

  @Test
  void shouldReadValuesUntouched() {
    byte[] value = {0, -1, '\r', '\n', 127, -128};
    TimelineBatch batch = new TimelineBatch(new PartitionRange(0, -1, 0, -1));
    batch.addMessage(ADDRESS, ADDRESS, 0, value);
    appender.send(List.of(batch)).join();

    TimelinePage page = read(-1, 0);

    assertThat(page.entries()).hasSize(1);
    assertThat(page.entries().getFirst().value()).isEqualTo(value);
  }

  @Test
  void shouldReadOldestFirstBetweenTheOffsetsAskedFor() {
    append(-1, 9);

    TimelinePage page = read(2, 7);

    assertThat(offsets(page)).containsExactly(3L, 4L, 5L, 6L, 7L);
    assertThat(page.complete()).isTrue();
    assertThat(page.gapPossible()).isFalse();
  }

  @Test
  void shouldReportWhetherThereAreMoreMessagesThanAPageHolds() {
    append(-1, 9);

    TimelinePage first = await(cache.timelines().read(ADDRESS, 0, -1, 9, 5));
    TimelinePage second = await(cache.timelines().read(ADDRESS, 0, 4, 9, 5));

    assertThat(offsets(first)).containsExactly(0L, 1L, 2L, 3L, 4L);
    assertThat(first.complete()).isFalse();
    assertThat(offsets(second)).containsExactly(5L, 6L, 7L, 8L, 9L);
    assertThat(second.complete()).isTrue();
    assertThat(second.gapPossible()).isFalse();
  }

  @Test
  void shouldFindNothingAndNoGapForAddressWithoutMessages() {
    append(-1, 9);

    TimelinePage page = await(cache.timelines().read("rooms/43", 0, -1, 9, COUNT_MAX));

    assertThat(page).isEqualTo(TimelinePage.EMPTY);
  }

  @Test
  void shouldNotWaitForAnEmptyRange() {
    assertThat(await(cache.timelines().read(ADDRESS, 0, -1, -1, COUNT_MAX)))
        .isSameAs(TimelinePage.EMPTY);
  }

  // Waiting

  @Test
  void shouldWaitForWatermark() {
    // Given
    append(-1, 4);
    CompletableFuture<TimelinePage> read = startRead(-1, 6);
    Awaitility.await().until(() -> cache.timelines().waiting() == 1);

    // When
    append(4, 5);

    // Then
    assertThat(read).isNotDone();

    // When
    append(5, 7);

    // Then
    assertThat(offsets(await(read))).containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L);
    assertThat(cache.timelines().waiting()).isZero();
  }

  @Test
  void shouldFailWhenTheWriterDoesNotReachTheOffsetInTime() {
    SessionCacheConfig impatient =
        new SessionCacheConfig(redis.uri(), Duration.ofSeconds(5), Duration.ofMillis(50));
    try (SessionCache other = SessionCache.connect(impatient, 12)) {
      assertThatThrownBy(() -> await(other.timelines().read(ADDRESS, 3, -1, 6, COUNT_MAX)))
          .isInstanceOf(CompletionException.class)
          .cause()
          .isInstanceOf(TimelineLagException.class)
          .hasMessageContaining("partition 3")
          .hasMessageContaining("offset 6");
      assertThat(other.timelines().waiting()).isZero();
    }
  }

  @Test
  void shouldFailWaitingReadsWhenClosed() {
    CompletableFuture<TimelinePage> read;
    try (SessionCache other = SessionCache.connect(SessionCacheConfig.of(redis.uri()), 12)) {
      read = other.timelines().read(ADDRESS, 0, -1, 6, COUNT_MAX).toCompletableFuture();
      Awaitility.await().until(() -> other.timelines().waiting() == 1);
    }
    assertThat(read).isCompletedExceptionally();
  }

  // Bounds

  @Test
  void shouldKeepTheNewestWhenThereAreTooMany() {
    append(-1, 499);

    long first = redis.commands().xlen(KEY);
    assertThat(first).isBetween(100L, 120L);
    assertThat(offsets(read(489, 499))).hasSize(10);
  }

  @Test
  void shouldReportGapWhenTrimmedBeyondTheOffsetRead() {
    append(-1, 499);

    assertThat(read(-1, 499).gapPossible()).isTrue();
    assertThat(read(10, 499).gapPossible()).isTrue();
    assertThat(read(10, 20)).isEqualTo(new TimelinePage(List.of(), true, 20));
    // The gap ends before the first message that is present
    TimelinePage all = read(10, 499);
    assertThat(all.gapThrough()).isEqualTo(all.entries().getFirst().offset() - 1);
    assertThat(read(all.gapThrough(), 499).gapPossible()).isFalse();
    assertThat(read(489, 499).gapPossible()).isFalse();
  }

  @Test
  void shouldDropAgedMessagesAndReportGap() {
    append(-1, 49);

    append(49, 59, 29);

    assertThat(redis.commands().xlen(KEY)).isEqualTo(30);
    assertThat(read(-1, 59).gapThrough()).isEqualTo(29);
    assertThat(offsets(read(-1, 59))).hasSize(30).startsWith(30L);
    assertThat(read(30, 59).gapPossible()).isFalse();
  }

  @Test
  void shouldReportGapWhenTimelineExpired() {
    append(-1, 9);
    assertThat(redis.commands().pttl(KEY)).isBetween(1L, config().timelineTtl().toMillis());

    redis.commands().del(KEY);
    appendNothing(9, 9);

    assertThat(read(3, 9)).isEqualTo(new TimelinePage(List.of(), true, 9));
  }

  @Test
  void shouldForgetWatermarksBeforeATimelineCanExpireUnseen() {
    append(-1, 9);

    long timelineMillis = redis.commands().pttl(KEY);
    long watermarkMillis = redis.commands().pttl(KEYS.partition(0));
    assertThat(watermarkMillis).isBetween(1L, timelineMillis - config().ageMax().toMillis());
  }

  // Writing twice, and two writers

  @Test
  void shouldKeepOneEntryOfAMessageThatIsWrittenTwice() {
    append(-1, 9);

    append(-1, 9);
    append(4, 12);

    assertThat(offsets(read(-1, 12))).containsExactlyElementsOf(range(0, 12));
    assertThat(read(-1, 12).gapPossible()).isFalse();
  }

  @Test
  void shouldNotLowerWatermarkWhenFrozenWriterWakes() {
    append(-1, 9);

    append(-1, 4);
    appendNothing(2, -1);

    assertThat(redis.commands().hget(KEYS.partition(0), "watermark")).isEqualTo("9");
    assertThat(read(-1, 9).gapPossible()).isFalse();
  }

  @Test
  void shouldNotPromiseEntryThatRedisRefused() {
    // Given an entry beyond the watermark
    redis.commands().xadd(KEY, new XAddArgs().id("5-1"), Map.of("v", "m5"));

    // When
    append(-1, 9);

    // Then
    assertThat(read(-1, 9).gapPossible()).isTrue();
    assertThat(offsets(read(-1, 9))).containsExactly(6L, 7L, 8L, 9L);
    assertThat(read(5, 9).gapPossible()).isFalse();
  }

  // Loss

  @Test
  void shouldReportGapAfterFlushOnceTheWriterHasPublished() {
    // Given
    append(-1, 9);
    assertThat(read(3, 9).gapPossible()).isFalse();

    // When
    redis.commands().flushall();
    CompletableFuture<TimelinePage> read = startRead(3, 9);
    Awaitility.await().until(() -> cache.timelines().waiting() == 1);
    appendNothing(9, -1);

    // Then
    assertThat(await(read)).isEqualTo(new TimelinePage(List.of(), true, 9));
  }

  @Test
  void shouldReportGapWhenOnlyTheNextBatchDetectsTheFlush() {
    append(-1, 9);

    redis.commands().flushall();
    append(9, 14);

    TimelinePage page = read(3, 14);
    assertThat(page.gapThrough()).isEqualTo(9);
    assertThat(offsets(page)).containsExactly(10L, 11L, 12L, 13L, 14L);
    assertThat(read(9, 14).gapPossible()).isFalse();
  }

  @Test
  void shouldReportGapWhenRedisLostTheNewestMessages() {
    // Given
    append(-1, 4);
    byte[] timeline = redis.commands().dump(KEY);
    byte[] watermarks = redis.commands().dump(KEYS.partition(0));
    append(4, 9);

    // When a lagging replica takes over
    redis.commands().flushall();
    redis.commands().restore(KEY, 0, timeline);
    redis.commands().restore(KEYS.partition(0), 0, watermarks);
    append(9, 12);

    // Then
    assertThat(read(-1, 4).gapPossible()).isTrue();
    assertThat(read(6, 12).gapThrough()).isEqualTo(9);
    assertThat(offsets(read(6, 12))).containsExactly(10L, 11L, 12L);
    assertThat(read(9, 12).gapPossible()).isFalse();
  }

  @Test
  void shouldRefuseTimelinesOfAnotherTopic() {
    append(-1, 4);

    assertThatThrownBy(() -> TimelineAppender.open(config(), "topic-2"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("id topic-1 (expected: topic-2)");
  }

  private void append(long base, long top) {
    append(base, top, -1);
  }

  private void append(long base, long top, long ageFloor) {
    TimelineBatch batch = new TimelineBatch(new PartitionRange(0, base, top, ageFloor));
    for (long offset = base + 1; offset <= top; offset++) {
      batch.addMessage(ADDRESS, ADDRESS, offset, ("m" + offset).getBytes(StandardCharsets.UTF_8));
    }
    appender.send(List.of(batch)).join();
  }

  private void appendNothing(long top, long ageFloor) {
    append(top, top, ageFloor);
  }

  private static TimelinePage read(long after, long through) {
    return await(startRead(after, through));
  }

  private static CompletableFuture<TimelinePage> startRead(long after, long through) {
    return cache.timelines().read(ADDRESS, 0, after, through, COUNT_MAX).toCompletableFuture();
  }

  private static List<Long> offsets(TimelinePage page) {
    return page.entries().stream().map(TimelineEntry::offset).toList();
  }

  private static List<Long> range(long first, long last) {
    return LongStream.rangeClosed(first, last).boxed().toList();
  }

  private static TimelineConfig config() {
    return new TimelineConfig(
        "unused",
        redis.uri(),
        TopicCatalogue.defaults(),
        (short) 1,
        100,
        Duration.ofDays(7),
        TimelineConfig.SESSION_TIMEOUT_DEFAULT);
  }
}
