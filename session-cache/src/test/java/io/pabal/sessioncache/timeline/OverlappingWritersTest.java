// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.timeline;

import static io.pabal.sessioncache.Stages.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.schemas.topic.TopicCatalogue;
import io.pabal.sessioncache.RedisFixture;
import io.pabal.sessioncache.SessionCache;
import io.pabal.sessioncache.SessionCacheConfig;
import io.pabal.sessioncache.timeline.TimelineBatch.PartitionRange;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The invariant in {@link TimelineWriter}'s Javadoc, checked after every step of a random history:
 * writers overlap, freeze, wake and start again; Redis is flushed, or falls back to an older state;
 * repairs put messages back, and some of them end half-way.
 */
class OverlappingWritersTest {

  private static final int HISTORIES = 8;
  private static final int STEPS = 60;
  private static final int WRITERS = 3;
  private static final int ADDRESSES = 3;
  private static final int BATCH_MAX = 8;
  private static final int COUNT_MAX = 10_000;
  private static final TimelineKeys KEYS = new TimelineKeys(TopicCatalogue.PARTITIONS_DEFAULT);

  private final Map<String, byte[]> snapshot = new HashMap<>();
  private final List<Integer> addressOfOffset = new ArrayList<>();
  private final long[] tops = new long[WRITERS];
  private long committedTop;

  @Test
  void shouldNeverHideLossWhateverWritersAndRedisDo(@TempDir Path directory) throws Exception {
    long seed = Long.getLong("pabal.test.seed", System.nanoTime());
    Random random = new Random(seed);
    try (RedisFixture redis = new RedisFixture(directory);
        SessionCache cache = SessionCache.connect(SessionCacheConfig.of(redis.uri()), 12);
        TimelineAppender appender = TimelineAppender.open(config(redis), "topic-1")) {
      redis.configure("stream-node-max-entries", "4");
      for (int history = 0; history < HISTORIES; history++) {
        begin(redis);
        StringBuilder log = new StringBuilder();
        for (int step = 0; step < STEPS; step++) {
          log.append(step(random, redis, appender, cache.repair("topic-1"))).append('\n');
          check(cache, redis, "seed " + seed + ", history " + history + ":\n" + log);
        }
      }
    }
  }

  private void begin(RedisFixture redis) {
    redis.commands().flushall();
    snapshot.clear();
    addressOfOffset.clear();
    committedTop = -1;
    Arrays.fill(tops, -1);
  }

  private String step(
      Random random, RedisFixture redis, TimelineAppender appender, TimelineRepair repair) {
    int writer = random.nextInt(WRITERS);
    return switch (random.nextInt(28)) {
      case 0 -> {
        redis.commands().flushall();
        yield "flush";
      }
      case 1 -> {
        takeSnapshot(redis);
        yield "snapshot";
      }
      case 2 -> {
        redis.commands().flushall();
        snapshot.forEach((key, value) -> redis.commands().restore(key, 0, value));
        yield "fall back to the snapshot";
      }
      case 3, 4 -> {
        tops[writer] = committedTop;
        yield "writer " + writer + " starts after " + committedTop;
      }
      case 5, 6 -> {
        // A frozen owner's commit is refused by Kafka, so the group's offset only rises.
        committedTop = Math.max(committedTop, tops[writer]);
        yield "writer " + writer + " commits " + committedTop;
      }
      case 7, 8 -> {
        appender.send(List.of(batch(tops[writer], tops[writer], random))).join();
        yield "writer " + writer + " publishes " + tops[writer];
      }
      case 9, 10, 11, 12 -> repair(random, repair);
      default -> {
        long base = tops[writer];
        long top = base + 1 + random.nextInt(BATCH_MAX);
        appender.send(List.of(batch(base, top, random))).join();
        tops[writer] = top;
        yield "writer " + writer + " appends " + base + " to " + top;
      }
    };
  }

  /**
   * Puts the newest messages at or below the floor back, for some or all addresses. Lowers the
   * floor if for all addresses.
   */
  private String repair(Random random, TimelineRepair repair) {
    long floor = await(repair.reach(0)).floor();
    if (floor < 0 || !await(repair.reach(0)).written()) {
      return "nothing to repair";
    }
    long to = Math.max(-1, floor - 1 - random.nextInt(2 * BATCH_MAX));
    int addresses = random.nextInt(2) == 0 ? ADDRESSES : random.nextInt(ADDRESSES);
    for (int address = 0; address < addresses; address++) {
      String name = "a" + address;
      List<TimelineEntry> entries =
          expected(address, to, floor).stream()
              .map(
                  o ->
                      new TimelineEntry(name, o, Long.toString(o).getBytes(StandardCharsets.UTF_8)))
              .toList();
      await(repair.refill(0, name, entries, TimelineRepair.Before.COMPLETE));
    }
    if (addresses == ADDRESSES) {
      await(repair.lowerFloor(0, floor, to));
    }
    return "repair from %d down to %d, %d addresses".formatted(floor, to, addresses);
  }

  private TimelineBatch batch(long base, long top, Random random) {
    TimelineBatch batch = new TimelineBatch(new PartitionRange(0, base, top, -1));
    for (long offset = base + 1; offset <= top; offset++) {
      if (offset == addressOfOffset.size()) {
        addressOfOffset.add(random.nextInt(ADDRESSES));
      }
      String address = "a" + addressOfOffset.get((int) offset);
      batch.addMessage(
          address, address, offset, Long.toString(offset).getBytes(StandardCharsets.UTF_8));
    }
    return batch;
  }

  private void takeSnapshot(RedisFixture redis) {
    snapshot.clear();
    for (String key : redis.commands().keys("*")) {
      snapshot.put(key, redis.commands().dump(key));
    }
  }

  private void check(SessionCache cache, RedisFixture redis, String history) {
    String stored = redis.commands().hget(KEYS.partition(0), "watermark");
    long watermark = stored == null ? -1 : Long.parseLong(stored);
    Map<Query, CompletionStage<TimelinePage>> pages = new LinkedHashMap<>();
    for (int address = 0; address < ADDRESSES; address++) {
      for (long after = -1; after < watermark; after += 1 + watermark / 16) {
        pages.put(
            new Query(address, after),
            cache.timelines().read("a" + address, 0, after, watermark, COUNT_MAX));
      }
    }
    pages.forEach((query, page) -> check(query, watermark, await(page), history));
  }

  private void check(Query query, long watermark, TimelinePage page, String history) {
    List<Long> found = page.entries().stream().map(TimelineEntry::offset).toList();
    // Messages may be missing only up to the offset that the page names.
    long completeAfter = Math.max(query.after, page.gapThrough());
    assertThat(found)
        .as(history + query)
        .isEqualTo(expected(query.address, completeAfter, watermark));
  }

  private List<Long> expected(int address, long after, long through) {
    return LongStream.rangeClosed(after + 1, through)
        .filter(offset -> addressOfOffset.get((int) offset) == address)
        .boxed()
        .toList();
  }

  private record Query(int address, long after) {}

  private static TimelineConfig config(RedisFixture redis) {
    return new TimelineConfig(
        "unused",
        redis.uri(),
        TopicCatalogue.defaults(),
        (short) 1,
        10,
        Duration.ofDays(7),
        TimelineConfig.SESSION_TIMEOUT_DEFAULT);
  }
}
