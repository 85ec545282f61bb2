// SPDX-License-Identifier: Apache-2.0
package io.pabal.recovery.replay;

import io.pabal.recovery.Answers;
import io.pabal.recovery.Pace;
import io.pabal.recovery.RecoveryException;
import io.pabal.recovery.replay.ReplayPlan.Force;
import io.pabal.recovery.replay.ReplayedFeeds.Range;
import io.pabal.recovery.scan.MessageChunk;
import io.pabal.recovery.scan.MessageChunks;
import io.pabal.schemas.AvroCodec;
import io.pabal.schemas.Location;
import io.pabal.schemas.topic.Feeds;
import io.pabal.sessioncache.session.Owner;
import io.pabal.sessioncache.session.SessionDirectory;
import io.pabal.sessioncache.timeline.TimelineEntry;
import io.pabal.sessioncache.timeline.TimelineRepair;
import io.pabal.sessioncache.timeline.TimelineRepair.Before;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;

/**
 * A replay: sessions get the messages of a range that they missed, and no others unless it is
 * forced. A replay sends no message itself. It repairs the timelines that sessions read, and the
 * cursor of each session decides what the session is sent.
 *
 * <ul>
 *   <li><b>Sessions that are away</b> read their timelines from their cursors when they return. The
 *       replay looks up each message of the range in its timeline, and puts it back if it is
 *       missing. {@link TimelineRepair} explains why readers may continue meanwhile.
 *   <li><b>Live sessions</b> are checked ({@link LiveSessions}): their connectors read the messages
 *       that they have not seen.
 * </ul>
 *
 * <p>In both cases a session is sent the messages beyond its cursor in the order of their
 * positions, before newer messages of the feed. The replay is not part of the live flow, so it
 * cannot change the order there. For the same reason it examines timelines from the beginning of
 * the range to the end of the topic, not only to the end of the range.
 *
 * <p>Messages are read from the newest to the oldest, one chunk at a time. Memory holds one chunk,
 * the feeds of the range in one partition, and the offsets in {@link Lacking}.
 *
 * <h2>Forced</h2>
 *
 * <p>A forced replay also sends the range to sessions that have acknowledged it. Once the timelines
 * of a partition hold the range, it requests for each feed that the live sessions read again from
 * the first message of the range ({@link LiveSessions#rewind}). After the last partition it sets
 * back the cursors of the sessions that are away ({@link SessionRewinds}). One record for each feed
 * covers the whole range of that feed, which keeps the order. Memory therefore holds the feeds of
 * the whole range ({@link ReplayedFeeds}), and the place is saved after each partition whose
 * records are written. A resumed run reads all partitions again, but does not repeat the requests
 * of a partition that is finished.
 */
public final class Replay {

  private static final int LOOKUPS_MAX = 1_000;

  private final MessageChunks chunks;
  private final TimelineRepair repair;
  private final LiveSessions liveSessions;
  private final ReplayPlan plan;
  private final Pace pace;
  private final Lacking lacking = new Lacking();
  private final ReplayedFeeds replayed = new ReplayedFeeds();
  private long readBefore;
  private long messages;
  private long feedsDone;
  private long refilled;

  /**
   * A replay; consumer and producer belong to the caller.
   *
   * @param feeds the division of addresses into feeds
   * @param codec encodes what the router is asked
   */
  public Replay(
      Consumer<byte[], byte[]> consumer,
      Producer<byte[], byte[]> producer,
      Feeds feeds,
      AvroCodec<Location> codec,
      TimelineRepair repair,
      ReplayPlan plan) {
    this.chunks = new MessageChunks(consumer, feeds, chunkSize(plan.messagesPerSecond()));
    this.repair = repair;
    this.liveSessions = new LiveSessions(producer, codec, plan.connectorId());
    this.plan = plan;
    this.pace = new Pace(plan.messagesPerSecond());
  }

  /**
   * Runs to the end, or until the thread is interrupted. Unless this is a dry run, the place is
   * saved after each chunk, or after each partition when the replay is forced.
   *
   * @param progress receives the number of offsets done, after each chunk
   */
  public ReplayReport run(ReplayPlace place, LongConsumer progress)
      throws IOException, InterruptedException {
    if (!Answers.of(repair.reach(0)).written()) {
      throw new RecoveryException(
          "redis: no timeline writer has published since it lost its data (expected: one runs)."
              + " Start it: pabal timeline --config timeline.yaml");
    }
    readBefore = place.messagesRead();
    for (Stretch stretch : place.stretches()) {
      boolean rewound = place.next(stretch) <= stretch.from();
      Set<String> seen = new HashSet<>();
      long to = plan.force() == null ? place.next(stretch) : stretch.end();
      while (to > stretch.from()) {
        MessageChunk chunk = chunks.newest(stretch.partition(), stretch.from(), to);
        replay(stretch, chunk, seen);
        place.done(stretch, chunk.from(), chunk.records().size());
        if (!plan.dryRun()) {
          liveSessions.flush();
          if (plan.force() == null) {
            place.save();
          }
        }
        progress.accept(to - chunk.from());
        pace.spend(chunk.records().size());
        to = chunk.from();
      }
      feedsDone += seen.size();
      if (plan.force() != null && !plan.dryRun() && !rewound) {
        rewind(stretch.partition(), plan.force());
        place.save();
      }
    }
    return new ReplayReport(
        place.messagesRead(),
        messages,
        feedsDone,
        plan.dryRun() ? 0 : feedsDone,
        lacking.count(),
        refilled,
        pace.elapsedMillis(),
        place.messagesRead() - readBefore);
  }

  /**
   * Rewinds the stored sessions that {@link #run} has not rewound. For a forced replay only, after
   * {@code run}.
   *
   * @param running whether the connector that owns a session may still run
   * @param progress receives 1 for each session examined
   */
  public RewindReport rewindSessions(
      SessionDirectory directory, Predicate<Owner> running, LongConsumer progress)
      throws InterruptedException {
    Force force = Objects.requireNonNull(plan.force());
    return new SessionRewinds(directory, liveSessions, replayed, running, plan, force, pace)
        .run(progress);
  }

  private void rewind(int partition, Force force) throws InterruptedException {
    if (force.isForAll()) {
      for (Map.Entry<String, Range> each : replayed.of(partition)) {
        liveSessions.rewind(each.getKey(), each.getValue(), force.epoch());
        pace.spend(each.getValue().messages());
      }
      liveSessions.flush();
    }
  }

  /** How many records of {@code messages} were no messages, in this run. */
  public long skipped() {
    return chunks.skipped();
  }

  /** What was found lacking in this run. */
  public Lacking lacking() {
    return lacking;
  }

  private void replay(Stretch stretch, MessageChunk chunk, Set<String> seen) {
    Map<String, List<TimelineEntry>> byFeed = chunks.byFeed(chunk, plan.feeds());
    refill(chunk.partition(), byFeed);
    byFeed.forEach(
        (feed, entries) -> {
          List<Long> inRange =
              entries.stream()
                  .map(TimelineEntry::offset)
                  .filter(offset -> offset < stretch.to())
                  .toList();
          messages += inRange.size();
          if (inRange.isEmpty()) {
            return;
          }
          if (seen.add(feed) && !plan.dryRun()) {
            liveSessions.check(chunk.partition(), feed);
          }
          if (plan.force() != null) {
            replayed.add(chunk.partition(), feed, inRange);
          }
        });
  }

  private void refill(int partition, Map<String, List<TimelineEntry>> byFeed) {
    Map<String, Set<Long>> missing = lookUp(partition, byFeed);
    Answers<Integer> added = new Answers<>(count -> refilled += count);
    missing.forEach(
        (feed, offsets) -> {
          lacking.add(feed, List.copyOf(offsets));
          if (!plan.dryRun()) {
            List<TimelineEntry> entries =
                byFeed.getOrDefault(feed, List.of()).stream()
                    .filter(each -> offsets.contains(each.offset()))
                    .toList();
            added.add(repair.refill(partition, feed, entries, Before.UNKNOWN));
          }
        });
    added.drain();
  }

  private Map<String, Set<Long>> lookUp(int partition, Map<String, List<TimelineEntry>> byFeed) {
    Map<String, Set<Long>> missing = new HashMap<>();
    Answers<Map<String, List<Long>>> answers =
        new Answers<>(
            found ->
                found.forEach(
                    (feed, offsets) ->
                        missing.computeIfAbsent(feed, f -> new HashSet<>()).addAll(offsets)));
    Map<String, List<Long>> question = new HashMap<>();
    int asked = 0;
    for (Map.Entry<String, List<TimelineEntry>> each : byFeed.entrySet()) {
      for (TimelineEntry entry : each.getValue()) {
        question.computeIfAbsent(each.getKey(), a -> new ArrayList<>()).add(entry.offset());
        if (++asked % LOOKUPS_MAX == 0) {
          answers.add(repair.lacking(partition, question));
          question = new HashMap<>();
        }
      }
    }
    if (!question.isEmpty()) {
      answers.add(repair.lacking(partition, question));
    }
    answers.drain();
    return missing;
  }

  private static int chunkSize(long messagesPerSecond) {
    return messagesPerSecond == 0
        ? MessageChunks.RECORDS_MAX
        : (int) Math.min(MessageChunks.RECORDS_MAX, messagesPerSecond);
  }
}
