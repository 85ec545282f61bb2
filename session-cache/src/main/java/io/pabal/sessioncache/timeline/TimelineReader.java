// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.timeline;

import static io.pabal.sessioncache.redis.RedisLink.bytes;
import static io.pabal.sessioncache.redis.RedisLink.number;
import static io.pabal.sessioncache.redis.RedisLink.text;

import io.pabal.sessioncache.redis.LuaScript;
import io.pabal.sessioncache.redis.RedisLink;
import io.pabal.telemetry.Meters;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;

/**
 * Reads the newest messages of a feed.
 *
 * <p>One script reads watermark, floor and messages in one step. A page therefore never combines
 * data from before and after a loss of Redis's data, and the usual read takes one round trip. No
 * watermark is cached between reads: after Redis has lost its data, a cached watermark would
 * promise messages that are gone. Instead the read waits until the writer has published again
 * (about a second), and reports that a gap is possible. {@link TimelineWriter} defines what the
 * writer guarantees.
 *
 * <p>A gap is possible in two cases. Either {@code afterOffset} lies below the partition's floor.
 * Or the timeline was trimmed, and has no entry at or below {@code afterOffset}, which would prove
 * that no later message is gone. A page says up to which offset messages may be missing. The gap is
 * possible and not certain: Kafka may show that no message is missing.
 *
 * <p>Thread-safe. Calls do not block; stages complete on a Lettuce thread.
 */
public final class TimelineReader implements AutoCloseable {

  private static final LuaScript READ = LuaScript.load(TimelineReader.class, "read.lua");

  private static final LuaScript PROBE = LuaScript.load(TimelineReader.class, "probe_read.lua");

  private final RedisLink redis;
  private final TimelineKeys keys;
  private final WatermarkWaiters waiters;
  private final Duration waitMax;

  /**
   * A reader of the timelines in one Redis.
   *
   * @param keys the names of the keys
   * @param scheduler polls the watermarks while reads wait
   * @param waitMax the time that a read waits for the writer at most
   */
  public TimelineReader(
      RedisLink redis, TimelineKeys keys, ScheduledExecutorService scheduler, Duration waitMax) {
    this.redis = redis;
    this.keys = keys;
    this.waiters = new WatermarkWaiters(redis, keys, scheduler);
    this.waitMax = waitMax;
  }

  /**
   * The messages of {@code feed} with {@code afterOffset < offset <= throughOffset}, oldest first.
   * Waits until the watermark has reached {@code throughOffset}. Fails with {@link
   * TimelineLagException} when the wait takes too long, or when {@value
   * WatermarkWaiters#WAITERS_MAX} other reads wait already.
   *
   * @param partition the partition of {@code messages} that orders the feed
   * @param afterOffset -1 to read from the oldest message
   * @param throughOffset a value at or below {@code afterOffset} gives an empty page, without a
   *     wait
   * @param countMax the number of messages at most, at least 1; a page holds all of them in memory
   */
  public CompletionStage<TimelinePage> read(
      String feed, int partition, long afterOffset, long throughOffset, int countMax) {
    if (countMax < 1) {
      throw new IllegalArgumentException("countMax: " + countMax + " (expected: at least 1)");
    }
    if (throughOffset <= afterOffset) {
      return CompletableFuture.completedStage(TimelinePage.EMPTY);
    }
    return attempt(
        new Request(feed, partition, Math.max(afterOffset, -1), throughOffset, countMax),
        System.nanoTime() + waitMax.toNanos());
  }

  /** Runs the commands of a read on a timeline that cannot exist: a feed's name is never empty. */
  public void probe() {
    var _ = redis.probe(PROBE, TimelineKeys::ofReadProbe);
  }

  /** Fails the reads that wait for the writer. */
  @Override
  public void close() {
    waiters.close();
  }

  /** Binds the number of reads that wait for the writer. */
  public void bindTo(Meters meters) {
    meters.gauge(
        "pabal.redis.watermark.waits",
        "Reads of timelines that wait for the timeline writer",
        this::waiting);
    meters.gauge(
        "pabal.redis.watermark.waits.max",
        "Reads that may wait before further ones fail",
        () -> WatermarkWaiters.WAITERS_MAX);
  }

  /** The number of reads that wait for the writer. */
  int waiting() {
    return waiters.count();
  }

  private CompletionStage<TimelinePage> attempt(Request request, long deadlineNanos) {
    return redis
        .run(READ, request.keys(keys), request.arguments())
        .thenCompose(
            reply ->
                reply.size() == 1
                    ? waiters
                        .await(request.partition(), request.throughOffset(), deadlineNanos)
                        .thenCompose(reached -> attempt(request, deadlineNanos))
                    : CompletableFuture.completedStage(request.page(reply)));
  }

  /** The arguments of the script, and the parser of its reply. */
  record Request(String feed, int partition, long afterOffset, long throughOffset, int countMax) {

    /** The number of elements of a reply before the first entry. */
    private static final int HEADER = 2;

    /** The number of elements of each entry. */
    private static final int ENTRY = 3;

    String[] keys(TimelineKeys keys) {
      return new String[] {keys.timeline(partition, feed), keys.partition(partition)};
    }

    /** Requests one entry more than the page takes: it shows whether there are further entries. */
    byte[][] arguments() {
      return new byte[][] {bytes(afterOffset), bytes(throughOffset), bytes(countMax + 1L)};
    }

    TimelinePage page(List<Object> reply) {
      int found = (reply.size() - HEADER) / ENTRY;
      List<TimelineEntry> entries = new ArrayList<>(Math.min(found, countMax));
      for (int i = 0; i < Math.min(found, countMax); i++) {
        int at = HEADER + ENTRY * i;
        entries.add(entry(reply, at));
      }
      return new TimelinePage(List.copyOf(entries), found <= countMax, number(reply.get(1)));
    }

    private TimelineEntry entry(List<Object> reply, int at) {
      byte[] rest = (byte[]) reply.get(at + 1);
      return new TimelineEntry(
          rest.length == 0 ? feed : feed + text(rest),
          offsetOf(reply.get(at)),
          (byte[]) reply.get(at + 2));
    }

    private static long offsetOf(Object id) {
      String idText = text(id);
      return Long.parseLong(idText.substring(0, idText.indexOf('-')));
    }
  }
}
