// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.history;

import io.pabal.connector.ConnectorMetrics;
import io.pabal.schemas.topic.Feeds;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * One walk over a short stretch of one partition. The pass serves the request that has waited
 * longest, and all other waiting requests whose range begins within that stretch. Used by the
 * reader's thread only.
 *
 * <p>A stretch ends after {@value #RECORDS_MAX} records, {@value #BYTES_MAX} bytes or {@value
 * #MILLIS_MAX} ms. It also ends where no request that is still open needs a further record: a fetch
 * may take as long as Kafka is away, and the requests may be cancelled in the meantime. The pages
 * of a pass share its records, so the bytes of the pass bound the memory of all its pages.
 */
final class HistoryPass {

  static final int RECORDS_MAX = 20_000;
  static final int BYTES_MAX = 4 << 20;
  static final int MILLIS_MAX = 250;

  private final int partition;
  private final long after;
  private final List<HistoryRequest> members = new ArrayList<>();
  private final Map<String, List<HistoryRequest>> membersByFeed = new HashMap<>();
  private final Feeds feeds;
  private final ConnectorMetrics metrics;
  private long furthest;
  private long scannedThrough;
  private int open;
  private int records;
  private int bytes;

  /**
   * A pass from the beginning of the range of {@code lead}.
   *
   * @param waiting the requests to serve if their range fits, {@code lead} included
   * @param feeds the division of addresses into feeds
   */
  HistoryPass(
      HistoryRequest lead,
      Iterable<HistoryRequest> waiting,
      Feeds feeds,
      ConnectorMetrics metrics) {
    this.partition = lead.partition();
    this.after = lead.after();
    this.scannedThrough = after;
    this.feeds = feeds;
    this.metrics = metrics;
    for (HistoryRequest request : waiting) {
      if (request.partition() == partition
          && request.after() >= after
          && request.after() - after < RECORDS_MAX) {
        members.add(request);
        membersByFeed.computeIfAbsent(request.feed(), feed -> new ArrayList<>(1)).add(request);
      }
    }
    countOpenMembers();
  }

  /**
   * Walks until the stretch ends or Kafka returns no records. Blocks. Its progress counts even when
   * it throws.
   */
  void walk(MessageLog log) {
    long beganNanos = System.nanoTime();
    log.seek(partition, after + 1);
    try {
      while (isOpen() && (System.nanoTime() - beganNanos) / 1_000_000 < MILLIS_MAX && log.fetch()) {
        countOpenMembers();
        ConsumerRecord<byte[], byte[]> record = isOpen() ? log.take() : null;
        while (record != null) {
          take(record);
          scannedThrough = log.next() - 1;
          record = isOpen() ? log.take() : null;
        }
        scannedThrough = log.next() - 1;
      }
    } finally {
      metrics.historyRecordsScanned.add(records);
    }
  }

  /** Whether the pass has covered at least one offset. */
  boolean hasProgressed() {
    return scannedThrough > after;
  }

  /** Completes the pages of all requests whose range begins before the end of the pass. */
  void answer() {
    members.forEach(member -> member.answer(scannedThrough));
  }

  /**
   * Completes the pages of all requests whose range begins before {@code beginning}, the first
   * offset that Kafka still has: the offsets before it are missing.
   */
  void answerMissing(long beginning) {
    members.forEach(member -> member.answerMissing(beginning));
  }

  private boolean isOpen() {
    return open > 0 && scannedThrough < furthest && records < RECORDS_MAX && bytes < BYTES_MAX;
  }

  private void countOpenMembers() {
    open = 0;
    furthest = after;
    for (HistoryRequest member : members) {
      if (!member.isDone() && !member.isFull()) {
        open++;
        furthest = Math.max(furthest, member.through());
      }
    }
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    byte @Nullable [] key = record.key();
    byte @Nullable [] value = record.value();
    records++;
    bytes += Math.max(0, record.serializedKeySize()) + Math.max(0, record.serializedValueSize());
    if (key == null || value == null) {
      metrics.skipped.add(
          record.topic(), record.partition(), record.offset(), "no address or no value");
      return;
    }
    String address = new String(key, StandardCharsets.UTF_8);
    for (HistoryRequest member : membersByFeed.getOrDefault(feeds.prefixOf(address), List.of())) {
      if (!member.isDone() && !member.isFull()) {
        member.take(address, record.offset(), value);
        if (member.isFull()) {
          open--;
        }
      }
    }
  }
}
