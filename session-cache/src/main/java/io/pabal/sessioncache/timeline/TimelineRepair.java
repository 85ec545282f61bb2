// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.timeline;

import static io.pabal.sessioncache.redis.RedisLink.bytes;
import static io.pabal.sessioncache.redis.RedisLink.number;

import io.pabal.sessioncache.redis.LuaScript;
import io.pabal.sessioncache.redis.RedisLink;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/**
 * Puts messages back into timelines that lack them, while writers and readers continue.
 *
 * <h2>The readers' invariant holds at every moment</h2>
 *
 * <p>{@link TimelineWriter} defines the invariant. An external deletion of a timeline breaks it:
 * readers find an empty timeline and no gap. After a loss of all data the invariant holds, but the
 * floor is at the newest position, so timelines are of little use. Both are repaired in the same
 * way, <em>from the newest message to the oldest</em>:
 *
 * <ul>
 *   <li>A timeline is refilled from the newest message downwards, so it is always complete from its
 *       first entry on. As long as that entry is not known to be the first message of the feed, its
 *       id is {@code <offset>-3}. Readers treat such a timeline as a trimmed one and read older
 *       messages from Kafka.
 *   <li>The floor of a partition is lowered to a position when all messages above it are in the
 *       timelines. Until then readers do not read below the floor.
 * </ul>
 *
 * <p>A trimmed timeline gets no older messages, since they would hide the gap. No timeline gets
 * messages beyond the watermark, which its writer is about to append. Stream ids only rise, so an
 * older message requires that the whole timeline is written again, in one script. The writers'
 * limits bound the size of a timeline and with it the time of the script; the writers publish their
 * limits beside the watermarks.
 *
 * <p>Thread-safe. Calls do not block; stages complete on a Lettuce thread.
 */
public final class TimelineRepair {

  /** Whether messages before the oldest one that is put back may be missing. */
  public enum Before {
    /** No message is missing, except below the floor. */
    COMPLETE("2"),
    /** Messages may be missing. */
    UNKNOWN("3");

    private final String mark;

    Before(String mark) {
      this.mark = mark;
    }
  }

  /**
   * The range of positions that the timelines of a partition hold.
   *
   * @param watermark the offset up to which messages were appended; -1: none
   * @param floor the offset up to which messages may be missing; -1: none
   * @param written whether a writer has published since the last loss of data
   */
  public record Reach(long watermark, long floor, boolean written) {}

  private static final byte[] NO_VALUE = {};

  private static final LuaScript STATE = script("state.lua");
  private static final LuaScript LACKING = script("lacking.lua");
  private static final LuaScript REFILL = script("refill.lua");
  private static final LuaScript LOWER = script("lower.lua");

  private final RedisLink redis;
  private final TimelineKeys keys;
  private final String topicId;

  /**
   * A repair of the timelines in one Redis.
   *
   * @param keys the names of the keys
   * @param topicId Kafka's id of the topic {@code messages}; calls fail when the timelines belong
   *     to another topic
   */
  public TimelineRepair(RedisLink redis, TimelineKeys keys, String topicId) {
    this.redis = redis;
    this.keys = keys;
    this.topicId = topicId;
  }

  /** The range of positions that the timelines of {@code partition} hold. */
  public CompletionStage<Reach> reach(int partition) {
    return redis
        .run(STATE, keys(partition), arguments().toArray(byte[][]::new))
        .thenApply(
            reply ->
                new Reach(number(reply.get(0)), number(reply.get(1)), number(reply.get(2)) >= 0));
  }

  /**
   * The messages that their timelines lack: of those above the floor and up to the watermark, in
   * timelines that have not been trimmed beyond them. The script looks up each message, so a call
   * should not exceed about a thousand messages.
   *
   * @param offsets by feed of {@code partition}, ascending
   */
  public CompletionStage<Map<String, List<Long>>> lacking(
      int partition, Map<String, List<Long>> offsets) {
    List<String> feeds = List.copyOf(offsets.keySet());
    List<byte[]> arguments = arguments();
    for (String feed : feeds) {
      List<Long> asked = offsets.getOrDefault(feed, List.of());
      arguments.add(bytes(asked.size()));
      asked.forEach(offset -> arguments.add(bytes(offset)));
    }
    return redis
        .run(LACKING, keys(partition, feeds), arguments.toArray(byte[][]::new))
        .thenApply(
            reply -> {
              Map<String, List<Long>> lacking = new HashMap<>();
              for (int i = 0; i < reply.size(); i += 2) {
                lacking
                    .computeIfAbsent(
                        feeds.get((int) number(reply.get(i)) - 1), f -> new ArrayList<>())
                    .add(number(reply.get(i + 1)));
              }
              return lacking;
            });
  }

  /**
   * Puts messages back. The caller guarantees that the timeline is then complete from the first of
   * them up to the watermark.
   *
   * @param entries ascending; those that the timeline has, or must not have, are skipped
   * @return the number of messages added
   */
  public CompletionStage<Integer> refill(
      int partition, String feed, List<TimelineEntry> entries, Before before) {
    return refill(partition, feed, entries, before, /* write= */ true);
  }

  /**
   * The number of messages that {@link #refill} would add now; writes nothing. Calls for
   * consecutive chunks do not take into account that earlier chunks would have filled the timeline.
   */
  public CompletionStage<Integer> wouldRefill(
      int partition, String feed, List<TimelineEntry> entries) {
    List<TimelineEntry> offsets =
        entries.stream()
            .map(entry -> new TimelineEntry(entry.address(), entry.offset(), NO_VALUE))
            .toList();
    return refill(partition, feed, offsets, Before.COMPLETE, /* write= */ false);
  }

  private CompletionStage<Integer> refill(
      int partition, String feed, List<TimelineEntry> entries, Before before, boolean write) {
    List<byte[]> arguments = arguments();
    arguments.add(bytes(before.mark));
    arguments.add(bytes(write ? 1 : 0));
    for (TimelineEntry entry : entries) {
      arguments.add(bytes(entry.offset()));
      arguments.add(bytes(entry.address().substring(feed.length())));
      arguments.add(entry.value());
    }
    return redis
        .run(REFILL, keys(partition, List.of(feed)), arguments.toArray(byte[][]::new))
        .thenApply(reply -> (int) number(reply.getFirst()));
  }

  /**
   * Lowers the floor of a partition, unless it has moved meanwhile. The caller guarantees that all
   * messages between {@code from} and {@code to} are in the timelines.
   *
   * @return the floor after the call
   */
  public CompletionStage<Long> lowerFloor(int partition, long from, long to) {
    List<byte[]> arguments = arguments();
    arguments.add(bytes(from));
    arguments.add(bytes(to));
    return redis
        .run(LOWER, keys(partition), arguments.toArray(byte[][]::new))
        .thenApply(reply -> number(reply.getFirst()));
  }

  private List<byte[]> arguments() {
    List<byte[]> arguments = new ArrayList<>();
    arguments.add(bytes(topicId));
    return arguments;
  }

  private String[] keys(int partition) {
    return keys(partition, List.of());
  }

  private String[] keys(int partition, List<String> feeds) {
    String[] names = new String[1 + feeds.size()];
    names[0] = keys.partition(partition);
    for (int i = 0; i < feeds.size(); i++) {
      names[1 + i] = keys.timeline(partition, feeds.get(i));
    }
    return names;
  }

  private static LuaScript script(String resource) {
    return LuaScript.load(TimelineRepair.class, "repair.lua", resource);
  }
}
