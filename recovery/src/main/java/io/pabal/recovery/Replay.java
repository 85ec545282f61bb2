// SPDX-License-Identifier: Apache-2.0
package io.pabal.recovery;

import io.pabal.schemas.AvroCodec;
import io.pabal.schemas.Location;
import io.pabal.sessioncache.timeline.TimelineEntry;
import io.pabal.sessioncache.timeline.TimelineRepair;
import io.pabal.sessioncache.timeline.TimelineRepair.Before;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongConsumer;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;

/**
 * Delivers again what was missed, and only that. It sends no message to anybody: it makes true
 * again what sessions rely on, and their cursors decide.
 *
 * <ul>
 *   <li><b>Sessions that are away</b> read their timelines from their cursors when they come back.
 *       So each message of the range is looked up in its timeline and put back if it should be
 *       there. {@link TimelineRepair} tells why readers may go on meanwhile.
 *   <li><b>Live sessions</b> are checked, see {@link LiveChecks}: their connectors read what they
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
 */
public final class Replay {

  private static final int LOOKUPS_MAX = 1_000;

  private final MessageChunks chunks;
  private final TimelineRepair repair;
  private final LiveChecks checks;
  private final ReplayPlan plan;
  private final Pace pace;
  private final Lacking lacking = new Lacking();
  private long readBefore;
  private long messages;
  private long addresses;
  private long refilled;

  /**
   * A replay; consumer and producer belong to the caller.
   *
   * @param codec encodes what the router is asked
   */
  public Replay(
      Consumer<byte[], byte[]> consumer,
      Producer<byte[], byte[]> producer,
      AvroCodec<Location> codec,
      TimelineRepair repair,
      ReplayPlan plan) {
    this.chunks = new MessageChunks(consumer, chunkSize(plan.messagesPerSecond()));
    this.repair = repair;
    this.checks = new LiveChecks(producer, codec, plan.connectorId());
    this.plan = plan;
    this.pace = new Pace(plan.messagesPerSecond());
  }

  /**
   * Runs to the end, or until the thread is interrupted. The place is saved after each chunk,
   * unless this is a dry run.
   *
   * @param progress told how many offsets are done, each time some are
   */
  public ReplayReport run(ReplayPlace place, LongConsumer progress)
      throws IOException, InterruptedException {
    if (!Answers.of(repair.reach(0)).written()) {
      throw new RecoveryException(
          "redis: no timeline writer has published since it lost its data (expected: one runs). Start it: pabal timeline --config timeline.yaml");
    }
    readBefore = place.messagesRead();
    for (Stretch stretch : place.stretches()) {
      Set<String> seen = new HashSet<>();
      while (place.next(stretch) > stretch.from()) {
        long to = place.next(stretch);
        MessageChunk chunk = chunks.newest(stretch.partition(), stretch.from(), to);
        replay(stretch, chunk, seen);
        place.done(stretch, chunk.from(), chunk.records().size());
        if (!plan.dryRun()) {
          checks.flush();
          place.save();
        }
        progress.accept(to - chunk.from());
        pace.spend(chunk.records().size());
      }
      addresses += seen.size();
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

  /** What was found lacking in this run. */
  public Lacking lacking() {
    return lacking;
  }

  private void replay(Stretch stretch, MessageChunk chunk, Set<String> seen) {
    Map<String, List<TimelineEntry>> byAddress = chunk.byAddress(plan.addresses());
    refill(chunk.partition(), byAddress);
    byAddress.forEach(
        (address, entries) -> {
          long inRange = entries.stream().filter(each -> each.offset() < stretch.to()).count();
          messages += inRange;
          if (inRange > 0 && seen.add(address) && !plan.dryRun()) {
            checks.ask(chunk.partition(), address);
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
