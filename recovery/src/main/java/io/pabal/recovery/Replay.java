// SPDX-License-Identifier: Apache-2.0
package io.pabal.recovery;

import io.pabal.recovery.ReplayPlan.Force;
import io.pabal.recovery.ReplayedAddresses.Range;
import io.pabal.schemas.AvroCodec;
import io.pabal.schemas.Location;
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
 * Delivers again what was missed, and only that, unless it is forced. It sends no message to
 * anybody: it makes true again what sessions rely on, and their cursors decide.
 *
 * <ul>
 *   <li><b>Sessions that are away</b> read their timelines from their cursors when they come back.
 *       So each message of the range is looked up in its timeline and put back if it should be
 *       there. {@link TimelineRepair} tells why readers may go on meanwhile.
 *   <li><b>Live sessions</b> are checked, see {@link LiveSessions}: their connectors read what they
 *       have not seen.
 * </ul>
 *
 * <p>Either way a session is sent what lies beyond its cursor, in the order of the positions,
 * before anything newer of that address: a replay cannot bring disorder into the live flow, since
 * it takes no part in it. For the same reason timelines are looked at from the range to the end of
 * the topic, and not only to the end of the range.
 *
 * <p>Messages are read from the newest to the oldest, a chunk at a time; memory holds one chunk,
 * the addresses of one partition's range, and what {@link Lacking} remembers.
 *
 * <h2>Forced</h2>
 *
 * <p>Sends the range again to those that had it, too. Even so it sends no message itself: when a
 * partition's timelines hold the range, connectors are asked to read there again from its first
 * message on for the sessions of each address ({@link LiveSessions#rewind}), and after the last
 * partition the cursors of those that are away are set back ({@link SessionRewinds}). One record
 * for an address names all of its range, so that it comes in order; therefore memory holds the
 * addresses of the whole range, {@link ReplayedAddresses}, and the place is saved with each
 * partition whose records are written. A run that goes on reads the others and these once more, and
 * asks nobody twice.
 */
public final class Replay {

  private static final int LOOKUPS_MAX = 1_000;

  private final MessageChunks chunks;
  private final TimelineRepair repair;
  private final LiveSessions liveSessions;
  private final ReplayPlan plan;
  private final Pace pace;
  private final Lacking lacking = new Lacking();
  private final ReplayedAddresses replayed = new ReplayedAddresses();
  private long readBefore;
  private long messages;
  private long addresses;
  private long refilled;

  /**
   * A replay; consumer and producer belong to the caller.
   *
   * @param partitions how many {@code messages} has
   * @param codec encodes what the router is asked
   */
  public Replay(
      Consumer<byte[], byte[]> consumer,
      Producer<byte[], byte[]> producer,
      int partitions,
      AvroCodec<Location> codec,
      TimelineRepair repair,
      ReplayPlan plan) {
    this.chunks = new MessageChunks(consumer, partitions, chunkSize(plan.messagesPerSecond()));
    this.repair = repair;
    this.liveSessions = new LiveSessions(producer, codec, plan.connectorId());
    this.plan = plan;
    this.pace = new Pace(plan.messagesPerSecond());
  }

  /**
   * Runs to the end, or until the thread is interrupted. The place is saved after each chunk, or
   * partition when it is forced, unless this is a dry run.
   *
   * @param progress told how many offsets are done, each time some are
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
      addresses += seen.size();
      if (plan.force() != null && !plan.dryRun() && !rewound) {
        rewind(stretch.partition(), plan.force());
        place.save();
      }
    }
    return new ReplayReport(
        place.messagesRead(),
        messages,
        addresses,
        plan.dryRun() ? 0 : addresses,
        lacking.count(),
        refilled,
        pace.elapsedMillis(),
        place.messagesRead() - readBefore);
  }

  /**
   * Rewinds the stored sessions that {@link #run} has not; of a forced replay, after it.
   *
   * @param running whether a session's owner may still be there
   * @param progress told of each session that was looked at
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
    Map<String, List<TimelineEntry>> byAddress = chunks.byAddress(chunk, plan.addresses());
    refill(chunk.partition(), byAddress);
    byAddress.forEach(
        (address, entries) -> {
          List<Long> inRange =
              entries.stream()
                  .map(TimelineEntry::offset)
                  .filter(offset -> offset < stretch.to())
                  .toList();
          messages += inRange.size();
          if (inRange.isEmpty()) {
            return;
          }
          if (seen.add(address) && !plan.dryRun()) {
            liveSessions.check(chunk.partition(), address);
          }
          if (plan.force() != null) {
            replayed.add(chunk.partition(), address, inRange);
          }
        });
  }

  private void refill(int partition, Map<String, List<TimelineEntry>> byAddress) {
    Map<String, Set<Long>> missing = lookUp(partition, byAddress);
    Answers<Integer> added = new Answers<>(count -> refilled += count);
    missing.forEach(
        (address, offsets) -> {
          lacking.add(address, List.copyOf(offsets));
          if (!plan.dryRun()) {
            List<TimelineEntry> entries =
                byAddress.getOrDefault(address, List.of()).stream()
                    .filter(each -> offsets.contains(each.offset()))
                    .toList();
            added.add(repair.refill(partition, address, entries, Before.UNKNOWN));
          }
        });
    added.drain();
  }

  private Map<String, Set<Long>> lookUp(int partition, Map<String, List<TimelineEntry>> byAddress) {
    Map<String, Set<Long>> missing = new HashMap<>();
    Answers<Map<String, List<Long>>> answers =
        new Answers<>(
            found ->
                found.forEach(
                    (address, offsets) ->
                        missing.computeIfAbsent(address, a -> new HashSet<>()).addAll(offsets)));
    Map<String, List<Long>> question = new HashMap<>();
    int asked = 0;
    for (Map.Entry<String, List<TimelineEntry>> each : byAddress.entrySet()) {
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
