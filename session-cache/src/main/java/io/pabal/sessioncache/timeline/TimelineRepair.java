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
 * Puts messages back that timelines should have and have not, while writers and readers go on.
 *
 * <h2>What readers may rely on stays true at every moment</h2>
 *
 * <p>{@link TimelineWriter} says what that is. It can be broken behind everybody's back, by
 * somebody who deletes a timeline: readers then find nothing, and no word of a gap. And after a
 * loss of all data it holds, but promises little: the floor is where the writer was. Both are
 * repaired in the same way, <em>from the newest message to the oldest</em>:
 *
 * <ul>
 *   <li>A timeline is refilled from the top, so it is always complete from its first entry on. As
 *       long as that is not known to be the first one ever, it is written as {@code <offset>-3},
 *       which readers take as they take a trimmed timeline: what is older they ask Kafka for.
 *   <li>The floor of a partition is lowered to some position when all messages above are in the
 *       timelines; until then readers do not look below it.
 * </ul>
 *
 * <p>A timeline that was trimmed gets nothing older: that would hide that something is gone.
 * Neither does any timeline get what lies beyond the watermark, which its writer is about to
 * append. Stream ids only rise, so an older message means that the whole timeline is written again,
 * in one script: its size is bounded by what the writers keep, and so is the script's time. They
 * publish their bounds beside the watermarks, so that nobody has to be told of them here.
 *
 * <p>Thread-safe. Nothing blocks; stages complete on a Lettuce thread.
 */
public final class TimelineRepair {

  /** What is known of the time before the oldest message that is put back. */
  public enum Before {
    /** Nothing is missing there, apart from what the floor tells. */
    COMPLETE("2"),
    /** Something may be missing there. */
    UNKNOWN("3");

    private final String mark;

    Before(String mark) {
      this.mark = mark;
    }
  }

  /**
   * How far the timelines of a partition reach.
   *
   * @param watermark the offset up to which messages were appended; -1: none
   * @param floor the offset up to which messages may be missing; -1: none
   * @param written whether a writer has published since Redis lost its data last
   */
  public record Reach(long watermark, long floor, boolean written) {}

  private static final byte[] NO_VALUE = {};

  private static final LuaScript STATE = script("state.lua");
  private static final LuaScript LACKING = script("lacking.lua");
  private static final LuaScript REFILL = script("refill.lua");
  private static final LuaScript LOWER = script("lower.lua");

  private final RedisLink redis;
  private final String topicId;

  /**
   * The timelines behind a connection.
   *
   * @param topicId Kafka's id of the {@code messages} topic; calls fail when the timelines are
   *     those of another one
   */
  public TimelineRepair(RedisLink redis, String topicId) {
    this.redis = redis;
    this.topicId = topicId;
  }

  /** How far the timelines of {@code partition} reach. */
  public CompletionStage<Reach> reach(int partition) {
    return redis
        .run(STATE, keys(), arguments(partition).toArray(byte[][]::new))
        .thenApply(
            reply ->
                new Reach(number(reply.get(0)), number(reply.get(1)), number(reply.get(2)) >= 0));
  }

  /**
   * Which of these messages should be in their timelines and are not: those above the floor and up
   * to the watermark, in timelines that were not trimmed since. The script looks each one up, so
   * ask for about a thousand at a time.
   *
   * @param offsets by address of {@code partition}, ascending
   */
  public CompletionStage<Map<String, List<Long>>> lacking(
      int partition, Map<String, List<Long>> offsets) {
    List<String> addresses = List.copyOf(offsets.keySet());
    List<byte[]> arguments = arguments(partition);
    for (String address : addresses) {
      List<Long> asked = offsets.getOrDefault(address, List.of());
      arguments.add(bytes(asked.size()));
      asked.forEach(offset -> arguments.add(bytes(offset)));
    }
    return redis
        .run(LACKING, keys(addresses), arguments.toArray(byte[][]::new))
        .thenApply(
            reply -> {
              Map<String, List<Long>> lacking = new HashMap<>();
              for (int i = 0; i < reply.size(); i += 2) {
                lacking
                    .computeIfAbsent(
                        addresses.get((int) number(reply.get(i)) - 1), a -> new ArrayList<>())
                    .add(number(reply.get(i + 1)));
              }
              return lacking;
            });
  }

  /**
   * Puts messages back. The caller vouches that the timeline then has everything from the first of
   * them on (up to the watermark).
   *
   * @param entries ascending; those that are there, or have no place there, are passed over
   * @return how many were added
   */
  public CompletionStage<Integer> refill(
      int partition, String address, List<TimelineEntry> entries, Before before) {
    return refill(partition, address, entries, before, /* write= */ true);
  }

  /**
   * How many {@link #refill} would add now; writes nothing. Asked for one chunk after another, it
   * does not know that the ones before would have filled the timeline.
   */
  public CompletionStage<Integer> wouldRefill(
      int partition, String address, List<TimelineEntry> entries) {
    List<TimelineEntry> offsets =
        entries.stream().map(entry -> new TimelineEntry(entry.offset(), NO_VALUE)).toList();
    return refill(partition, address, offsets, Before.COMPLETE, /* write= */ false);
  }

  private CompletionStage<Integer> refill(
      int partition, String address, List<TimelineEntry> entries, Before before, boolean write) {
    List<byte[]> arguments = arguments(partition);
    arguments.add(bytes(before.mark));
    arguments.add(bytes(write ? 1 : 0));
    for (TimelineEntry entry : entries) {
      arguments.add(bytes(entry.offset()));
      arguments.add(entry.value());
    }
    return redis
        .run(REFILL, keys(List.of(address)), arguments.toArray(byte[][]::new))
        .thenApply(reply -> (int) number(reply.getFirst()));
  }

  /**
   * Lowers the floor of a partition, unless it has moved meanwhile. The caller vouches that
   * everything between is in the timelines.
   *
   * @return the floor as it is now
   */
  public CompletionStage<Long> lowerFloor(int partition, long from, long to) {
    List<byte[]> arguments = arguments(partition);
    arguments.add(bytes(from));
    arguments.add(bytes(to));
    return redis
        .run(LOWER, keys(), arguments.toArray(byte[][]::new))
        .thenApply(reply -> number(reply.getFirst()));
  }

  private List<byte[]> arguments(int partition) {
    List<byte[]> arguments = new ArrayList<>();
    arguments.add(bytes(topicId));
    arguments.add(bytes(partition));
    return arguments;
  }

  private static String[] keys() {
    return keys(List.of());
  }

  private static String[] keys(List<String> addresses) {
    String[] keys = new String[2 + addresses.size()];
    keys[0] = TimelineKeys.WATERMARKS;
    keys[1] = TimelineKeys.FLOORS;
    for (int i = 0; i < addresses.size(); i++) {
      keys[2 + i] = TimelineKeys.timeline(addresses.get(i));
    }
    return keys;
  }

  private static LuaScript script(String resource) {
    return LuaScript.load(TimelineRepair.class, "repair.lua", resource);
  }
}
