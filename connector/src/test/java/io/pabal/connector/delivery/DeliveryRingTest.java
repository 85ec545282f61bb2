// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.connector.fixture.PlayedRouter;
import io.pabal.schemas.Codecs;
import io.pabal.schemas.MessageView;
import io.pabal.schemas.topic.Feeds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the rings of feeds have, and when they say that they do not have everything. */
class DeliveryRingTest {

  private static final long PLENTY = 1 << 20;
  private static final MessageView MESSAGE =
      MessageView.of(
          Codecs.MESSAGE, Codecs.MESSAGE.encode(PlayedRouter.message("rooms/1", "m").build()));
  private static final int DELIVERY_BYTES = Delivery.HEAP_BYTES_FIXED + 2 * MESSAGE.length();

  private final FeedTable table = new FeedTable(new DeliveryTest.NoAnnouncer(), new Feeds(1, 2), 1);

  @Test
  void shouldHaveEverythingAfterTheActivation() {
    DeliveryRings rings = new DeliveryRings(PLENTY);
    Feed feed = active("rooms/1", 10);
    deliver(rings, feed, 12, 15, 20);

    assertThat(read(feed, 10, 20)).containsExactly(12L, 15L, 20L);
    assertThat(read(feed, 13, 15)).containsExactly(15L);
    assertThat(read(feed, 15, 19)).isEmpty();
    assertThat(read(feed, 9, 20)).isNull();
    assertThat(read(feed, 10, 21)).isNull();
  }

  @Test
  void shouldHaveNothingBeforeTheRouterHasAnswered() {
    DeliveryRings rings = new DeliveryRings(PLENTY);
    Feed feed = table.acquire("rooms/1");
    deliver(rings, feed, 5);
    assertThat(read(feed, 4, 5)).isNull();

    feed.activate();
    deliver(rings, feed, 6);

    assertThat(read(feed, 5, 6)).containsExactly(6L);
    assertThat(read(feed, 4, 6)).isNull();
  }

  @Test
  void shouldBeginAnewBehindAPositionThatHasNoDelivery() {
    DeliveryRings rings = new DeliveryRings(PLENTY);
    Feed feed = active("rooms/1", 0);
    deliver(rings, feed, 1, 2);
    feed.advance(5);
    assertThat(read(feed, 0, 5)).isNull();

    deliver(rings, feed, 6, 7);

    assertThat(read(feed, 2, 7)).isNull();
    assertThat(read(feed, 4, 7)).isNull();
    assertThat(read(feed, 5, 7)).containsExactly(6L, 7L);
  }

  @Test
  void shouldHaveTheWholeRangeOnlyWhenAPageTakesIt() {
    DeliveryRings rings = new DeliveryRings(PLENTY);
    Feed feed = active("rooms/1", 0);
    deliver(rings, feed, 1, 2, 3);

    assertThat(feed.recent(0, 3, 2)).extracting(RecentDeliveries::complete).isEqualTo(false);
    assertThat(feed.recent(0, 2, 2)).extracting(RecentDeliveries::complete).isEqualTo(true);
    assertThat(feed.recent(1, 3, 2)).extracting(RecentDeliveries::complete).isEqualTo(true);
  }

  @Test
  void shouldLoseTheOldestDeliveriesOfTheLeastRecentlyUsedFeedFirst() {
    DeliveryRings rings = new DeliveryRings(3L * DeliveryRing.HEAP_BYTES + 8L * DELIVERY_BYTES);
    Feed first = active("rooms/1", 0);
    Feed second = active("rooms/2", 0);
    Feed third = active("rooms/3", 0);
    poll(rings, 1);
    deliver(rings, first, 1, 2, 3);
    poll(rings, 2);
    deliver(rings, second, 1, 2, 3);
    poll(rings, 3);
    deliver(rings, third, 1, 2);
    assertThat(read(first, 0, 3)).hasSize(3);
    // A session was served from the first: the second is now the least recently used.

    poll(rings, 4);
    deliver(rings, third, 3, 4);

    assertThat(read(first, 0, 3)).hasSize(3);
    assertThat(read(second, 1, 3)).isNull();
    assertThat(read(second, 2, 3)).containsExactly(3L);
    assertThat(read(third, 0, 4)).hasSize(4);
  }

  @Test
  void shouldKeepNoDeliveryThatIsTooLarge() {
    DeliveryRings rings = new DeliveryRings(8L * DELIVERY_BYTES);
    Feed feed = active("rooms/1", 0);
    deliver(rings, feed, 1);
    MessageView large =
        MessageView.of(
            Codecs.MESSAGE,
            Codecs.MESSAGE.encode(PlayedRouter.message("rooms/1", "m".repeat(100)).build()));
    rings.add(feed, new Delivery(feed, "rooms/1", 2, large, 0));
    feed.advance(2);
    deliver(rings, feed, 3);

    assertThat(read(feed, 0, 3)).isNull();
    assertThat(read(feed, 2, 3)).containsExactly(3L);
  }

  @Test
  void shouldHoldNothingForFeedsThatAreIdle() {
    DeliveryRings rings = new DeliveryRings(PLENTY);
    Feed idle = active("rooms/1", 0);
    Feed served = active("rooms/2", 0);
    poll(rings, 0);
    deliver(rings, idle, 1);
    deliver(rings, served, 1);
    read(served, 0, 1);

    poll(rings, DeliveryRings.IDLE_SECONDS_MAX);
    assertThat(read(idle, 0, 1)).isNull();
    assertThat(read(served, 0, 1)).isNotNull();

    poll(rings, 2 * DeliveryRings.IDLE_SECONDS_MAX);
    poll(rings, 3 * DeliveryRings.IDLE_SECONDS_MAX);
    poll(rings, 3 * DeliveryRings.IDLE_SECONDS_MAX);
    assertThat(rings.size()).isZero();
    assertThat(rings.bytes()).isZero();
    assertThat(idle.ring()).isNull();
    assertThat(served.ring()).isNull();
  }

  @Test
  void shouldKeepNothingWhenSwitchedOff() {
    DeliveryRings rings = new DeliveryRings(0);
    Feed feed = active("rooms/1", 0);
    deliver(rings, feed, 1);

    assertThat(read(feed, 0, 1)).isNull();
    assertThat(feed.ring()).isNull();
  }

  @Test
  void shouldCountTheBytesOnce() {
    DeliveryRings rings = new DeliveryRings(PLENTY);
    Feed feed = active("rooms/1", 0);
    deliver(rings, feed, LongStream.rangeClosed(1, 100).toArray());
    poll(rings, 1);
    assertThat(rings.bytes()).isEqualTo(DeliveryRing.HEAP_BYTES + 100L * DELIVERY_BYTES);

    feed.advance(200);
    deliver(rings, feed, 201);
    poll(rings, 1);
    assertThat(rings.bytes()).isEqualTo(DeliveryRing.HEAP_BYTES + DELIVERY_BYTES);

    rings.drop(feed);
    poll(rings, 1);
    assertThat(rings.bytes()).isZero();
  }

  /**
   * Delivers, jumps, skips, drops, lets time pass and reads, in random order. A model knows every
   * message, also those that were never delivered: what a ring gives must be all of it.
   */
  @ParameterizedTest
  @ValueSource(longs = {0, 4_000, 8_000, 40_000, PLENTY})
  void shouldNeverLackAMessageOfWhatItGives(long bytesMax) {
    long seed = System.nanoTime();
    System.out.println("DeliveryRingTest.model bytesMax=" + bytesMax + " seed=" + seed);
    Random random = new Random(seed);
    DeliveryRings rings = new DeliveryRings(bytesMax);
    List<Feed> feeds = new ArrayList<>();
    Map<Feed, TreeSet<Long>> messages = new HashMap<>();
    // The position from which a ring without a bound would have everything.
    Map<Feed, Long> since = new HashMap<>();
    for (int i = 0; i < 5; i++) {
      feeds.add(active("rooms/" + i, -1));
      messages.put(feeds.get(i), new TreeSet<>());
      since.put(feeds.get(i), -1L);
    }
    long seconds = 0;
    long offset = -1;
    int given = 0;
    for (int step = 0; step < 20_000; step++) {
      Feed feed = feeds.get(random.nextInt(feeds.size()));
      TreeSet<Long> all = Objects.requireNonNull(messages.get(feed));
      offset += 1 + random.nextInt(3);
      switch (random.nextInt(40)) {
        case 0 -> {
          // An activation's head, a pending schema or a malformed record: no delivery.
          all.add(offset);
          feed.advance(offset);
          since.put(feed, offset);
        }
        case 1 -> {
          rings.drop(feed);
          since.put(feed, feed.seen());
        }
        case 2 -> poll(rings, ++seconds);
        case 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 -> {
          long after = feed.seen() - random.nextInt(60);
          long through = after + random.nextInt(70);
          int countMax = 1 + random.nextInt(20);
          RecentDeliveries found = feed.recent(after, through, countMax);
          if (found != null) {
            given++;
            List<Long> expected =
                through <= after ? List.of() : List.copyOf(all.subSet(after, false, through, true));
            List<Long> offsets = found.deliveries().stream().map(Delivery::offset).toList();
            assertThat(offsets)
                .as("seed %d step %d: %d to %d", seed, step, after, through)
                .isEqualTo(expected.subList(0, Math.min(countMax, expected.size())));
            assertThat(found.complete())
                .as("seed %d step %d", seed, step)
                .isEqualTo(expected.size() <= countMax);
          } else if (bytesMax == PLENTY && seconds < DeliveryRings.IDLE_SECONDS_MAX) {
            assertThat(
                    after < Objects.requireNonNull(since.get(feed))
                        || through > feed.seen()
                        || feed.ring() == null
                        || feed.ring().end() < through)
                .as("seed %d step %d: %d to %d", seed, step, after, through)
                .isTrue();
          }
        }
        default -> {
          all.add(offset);
          deliver(rings, feed, offset);
        }
      }
      poll(rings, seconds);
      assertThat(rings.bytes()).as("seed %d step %d", seed, step).isBetween(0L, bytesMax);
    }
    assertThat(given > 0).as("seed %d", seed).isEqualTo(bytesMax > 0);
  }

  @Test
  void shouldGiveEverythingToOtherThreadsWhileItChanges() {
    DeliveryRings rings = new DeliveryRings(200L * DELIVERY_BYTES);
    Feed feed = active("rooms/1", 0);
    AtomicBoolean done = new AtomicBoolean();
    List<CompletableFuture<Long>> readers =
        List.of(
            CompletableFuture.supplyAsync(() -> follow(feed, done)),
            CompletableFuture.supplyAsync(() -> follow(feed, done)));
    for (long offset = 1; offset <= 100_000; offset++) {
      deliver(rings, feed, offset);
      if (offset % 1_000 == 0) {
        // Evicts all but a few, so that the array shrinks and grows again.
        Feed other = active("rooms/other-" + offset, 0);
        deliver(rings, other, LongStream.rangeClosed(1, 190).toArray());
        read(feed, offset - 1, offset);
      }
    }
    done.set(true);

    readers.forEach(reader -> assertThat(reader.join()).isEqualTo(100_000));
  }

  /** Reads on from where it is, as a session does, or jumps ahead when the ring has moved on. */
  private static long follow(Feed feed, AtomicBoolean done) {
    long at = 0;
    while (true) {
      boolean last = done.get();
      long seen = feed.seen();
      RecentDeliveries found = feed.recent(at, seen, 50);
      if (found == null) {
        at = seen;
      } else {
        for (Delivery each : found.deliveries()) {
          if (each.offset() != at + 1) {
            throw new AssertionError(each.offset() + " after " + at);
          }
          at = each.offset();
        }
        if (found.complete() && at != seen) {
          throw new AssertionError("complete at " + at + " (expected: " + seen + ")");
        }
      }
      if (last && at == feed.seen()) {
        return at;
      }
    }
  }

  private Feed active(String name, long head) {
    Feed feed = table.acquire(name);
    feed.advance(head);
    feed.activate();
    return feed;
  }

  private static void poll(DeliveryRings rings, long seconds) {
    rings.beginPoll(Duration.ofSeconds(seconds).toNanos());
  }

  private static void deliver(DeliveryRings rings, Feed feed, long... offsets) {
    for (long offset : offsets) {
      rings.add(feed, new Delivery(feed, feed.name(), offset, MESSAGE, 0));
      feed.advance(offset);
    }
  }

  private static @Nullable List<Long> read(Feed feed, long after, long through) {
    RecentDeliveries found = feed.recent(after, through, 1_000);
    return found == null ? null : found.deliveries().stream().map(Delivery::offset).toList();
  }
}
