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
 * Reads the newest messages of an address.
 *
 * <p>Watermark, floor and messages are read in one step by one script, so a page is never put
 * together from before and after a loss of Redis's data, and the usual case is one round trip. No
 * watermark is remembered between reads: after Redis lost its data a remembered one would promise
 * messages that are gone. Instead the read waits until the writer has published again (about a
 * second), and answers that a gap is possible; see {@link TimelineWriter} for what the writer
 * promises.
 *
 * <p>A gap is possible when {@code afterOffset} lies below the partition's floor, or when the
 * timeline was trimmed and has no entry at or below {@code afterOffset} that would prove that
 * nothing after it is gone. A page says up to where. It is the reader's answer to a doubt: Kafka
 * may show that nothing was missing.
 *
 * <p>Thread-safe. Nothing blocks; stages complete on a Lettuce thread.
 */
public final class TimelineReader implements AutoCloseable {

  private static final LuaScript READ = LuaScript.load(TimelineReader.class, "read.lua");

  private static final LuaScript PROBE = LuaScript.load(TimelineReader.class, "probe_read.lua");

  private final RedisLink redis;
  private final WatermarkWaiters waiters;
  private final Duration waitMax;

  /**
   * The timelines behind a connection.
   *
   * @param scheduler polls watermarks while somebody waits
   * @param waitMax how long a read waits for the writer
   */
  public TimelineReader(RedisLink redis, ScheduledExecutorService scheduler, Duration waitMax) {
    this.redis = redis;
    this.waiters = new WatermarkWaiters(redis, scheduler);
    this.waitMax = waitMax;
  }

  /**
   * The messages of {@code address} with {@code afterOffset < offset <= throughOffset}, oldest
   * first. Waits until the writer has come to {@code throughOffset}; fails with {@link
   * TimelineLagException} when that takes too long or when {@value WatermarkWaiters#WAITERS_MAX}
   * others wait already.
   *
   * @param partition the address's partition of {@code messages}
   * @param afterOffset -1 to read from the oldest
   * @param throughOffset a value at or below {@code afterOffset} asks for nothing, and never waits
   * @param countMax messages at most, at least 1; a page holds them all in memory
   */
  public CompletionStage<TimelinePage> read(
      String address, int partition, long afterOffset, long throughOffset, int countMax) {
    if (countMax < 1) {
      throw new IllegalArgumentException("countMax: " + countMax + " (expected: at least 1)");
    }
    if (throughOffset <= afterOffset) {
      return CompletableFuture.completedStage(TimelinePage.EMPTY);
    }
    return attempt(
        new Request(address, partition, Math.max(afterOffset, -1), throughOffset, countMax),
        System.nanoTime() + waitMax.toNanos());
  }

  /** Does what reading does, on a timeline that cannot exist: an address is never empty. */
  public void probe() {
    var _ =
        redis.probe(PROBE, TimelineKeys.timeline(""), TimelineKeys.WATERMARKS, TimelineKeys.FLOORS);
  }

  /** Fails the reads that wait. */
  @Override
  public void close() {
    waiters.close();
  }

  /** Binds how many reads wait for the writer. */
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

  /** How many reads wait for the writer. */
  int waiting() {
    return waiters.count();
  }

  private CompletionStage<TimelinePage> attempt(Request request, long deadlineNanos) {
    return redis
        .run(READ, request.keys(), request.arguments())
        .thenCompose(
            reply ->
                reply.size() == 1
                    ? waiters
                        .await(request.partition(), request.throughOffset(), deadlineNanos)
                        .thenCompose(reached -> attempt(request, deadlineNanos))
                    : CompletableFuture.completedStage(request.page(reply)));
  }

  /** What is asked of Redis, and what is made of its reply. */
  record Request(
      String address, int partition, long afterOffset, long throughOffset, int countMax) {

    /** Elements of a reply before the first entry. */
    private static final int HEADER = 2;

    String[] keys() {
      return new String[] {
        TimelineKeys.timeline(address), TimelineKeys.WATERMARKS, TimelineKeys.FLOORS
      };
    }

    /** Asks for one entry more than the page takes, which tells whether there is more. */
    byte[][] arguments() {
      return new byte[][] {
        bytes(partition), bytes(afterOffset), bytes(throughOffset), bytes(countMax + 1L)
      };
    }

    TimelinePage page(List<Object> reply) {
      int found = (reply.size() - HEADER) / 2;
      List<TimelineEntry> entries = new ArrayList<>(Math.min(found, countMax));
      for (int i = 0; i < Math.min(found, countMax); i++) {
        int at = HEADER + 2 * i;
        entries.add(new TimelineEntry(offsetOf(reply.get(at)), (byte[]) reply.get(at + 1)));
      }
      return new TimelinePage(List.copyOf(entries), found <= countMax, number(reply.get(1)));
    }

    private static long offsetOf(Object id) {
      String idText = text(id);
      return Long.parseLong(idText.substring(0, idText.indexOf('-')));
    }
  }
}
