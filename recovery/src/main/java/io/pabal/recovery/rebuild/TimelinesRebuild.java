// SPDX-License-Identifier: Apache-2.0
package io.pabal.recovery.rebuild;

import io.pabal.recovery.Answers;
import io.pabal.recovery.Pace;
import io.pabal.recovery.RecoveryException;
import io.pabal.recovery.scan.MessageChunk;
import io.pabal.recovery.scan.MessageChunks;
import io.pabal.schemas.topic.Feeds;
import io.pabal.sessioncache.timeline.TimelineEntry;
import io.pabal.sessioncache.timeline.TimelineRepair;
import io.pabal.sessioncache.timeline.TimelineRepair.Before;
import io.pabal.sessioncache.timeline.TimelineRepair.Reach;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.apache.kafka.clients.consumer.Consumer;

/**
 * Fills timelines after Redis has lost its data, from the floor downwards ({@link TimelineRepair}).
 * Sessions do not wait for it: they read messages below the floor from Kafka. The rebuild saves
 * Kafka those reads. For one thread; blocks.
 */
public final class TimelinesRebuild {

  private static final long WRITER_WAIT_SECONDS_MAX = 15;
  private static final long WRITER_WAIT_MILLIS = 100;

  /**
   * The result so far.
   *
   * @param messagesRead messages read
   * @param refilled messages put into timelines
   * @param skipped records that are no messages
   */
  public record Report(long messagesRead, long refilled, long skipped) {}

  private final MessageChunks chunks;
  private final TimelineRepair repair;
  private final Pace pace;
  private final boolean dryRun;
  private long messagesRead;
  private long refilled;

  /**
   * A rebuild; the consumer belongs to the caller.
   *
   * @param feeds the division of addresses into feeds
   * @param messagesPerSecond how many to read at most; 0: no bound
   * @param dryRun whether only to look: what would be refilled counts as refilled
   */
  public TimelinesRebuild(
      Consumer<byte[], byte[]> consumer,
      Feeds feeds,
      TimelineRepair repair,
      long messagesPerSecond,
      boolean dryRun) {
    this.chunks = new MessageChunks(consumer, feeds, MessageChunks.RECORDS_MAX);
    this.repair = repair;
    this.pace = new Pace(messagesPerSecond);
    this.dryRun = dryRun;
  }

  /**
   * Fills the timelines of one partition down to {@code from}. Ends early when the writer raises
   * the floor: the remaining messages are then older than timelines reach, or Redis has lost its
   * data again.
   *
   * @param end the end offset of the partition
   * @param progress receives the number of offsets done, after each chunk
   */
  public void partition(int partition, long from, long end, LongConsumer progress)
      throws InterruptedException {
    long floor = floor(partition, from, end);
    while (floor >= from) {
      MessageChunk chunk = chunks.newest(partition, from, floor + 1);
      refill(partition, chunks.byFeed(chunk, feed -> true));
      messagesRead += chunk.records().size();
      progress.accept(floor + 1 - chunk.from());
      long wanted = chunk.from() - 1;
      long now = dryRun ? wanted : Answers.of(repair.lowerFloor(partition, floor, wanted));
      if (now != wanted) {
        return;
      }
      floor = wanted;
      pace.spend(chunk.records().size());
      if (!dryRun && Answers.of(repair.reach(partition)).floor() > floor) {
        return;
      }
    }
  }

  /** The number of offsets to read in a partition, from {@code from} on. */
  public long offsets(int partition, long from, long end) throws InterruptedException {
    return Math.max(0, floor(partition, from, end) + 1 - from);
  }

  /** The result so far. */
  public Report report() {
    return new Report(messagesRead, refilled, chunks.skipped());
  }

  private void refill(int partition, Map<String, List<TimelineEntry>> byFeed) {
    Answers<Integer> added = new Answers<>(count -> refilled += count);
    byFeed.forEach(
        (feed, entries) ->
            added.add(
                dryRun
                    ? repair.wouldRefill(partition, feed, entries)
                    : repair.refill(partition, feed, entries, Before.COMPLETE)));
    added.drain();
  }

  /** The floor. After a loss, a writer publishes it within about a second. */
  private long floor(int partition, long from, long end) throws InterruptedException {
    if (from >= end) {
      return -1;
    }
    long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(WRITER_WAIT_SECONDS_MAX);
    Reach reach = Answers.of(repair.reach(partition));
    while (!reach.written() || reach.watermark() < 0) {
      if (System.nanoTime() - deadlineNanos > 0) {
        throw new RecoveryException(
            "redis: no timeline writer has published partition %d for %d s (expected: one runs). Start it: pabal timeline --config timeline.yaml"
                .formatted(partition, WRITER_WAIT_SECONDS_MAX));
      }
      TimeUnit.MILLISECONDS.sleep(WRITER_WAIT_MILLIS);
      reach = Answers.of(repair.reach(partition));
    }
    return Math.min(reach.floor(), end - 1);
  }
}
