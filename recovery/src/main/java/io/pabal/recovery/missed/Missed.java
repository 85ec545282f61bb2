// SPDX-License-Identifier: Apache-2.0
package io.pabal.recovery.missed;

import io.pabal.recovery.scan.TopicScan;
import io.pabal.schemas.SkippedRecords;
import io.pabal.schemas.topic.Feeds;
import io.pabal.sessioncache.session.StoredFeed;
import io.pabal.sessioncache.session.StoredSubscription;
import io.pabal.sessioncache.timeline.MessageCheck;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * The subscriptions that are behind, with the number of messages and the time of the oldest one.
 * Cursors are compared with the topic {@code messages} itself, so the result does not depend on the
 * timelines. At most {@value #SUBSCRIPTIONS_MAX} subscriptions. For one thread.
 */
public final class Missed {

  /** The number of subscriptions that fit. */
  public static final int SUBSCRIPTIONS_MAX = 1_000_000;

  /**
   * One subscription that is behind.
   *
   * @param clientId the client identifier of the session
   * @param messages how many messages of the address lie beyond its cursor
   * @param since the time at which the oldest of these messages was appended
   * @param first the offset of the oldest of these messages
   */
  public record Row(
      String clientId,
      String address,
      int partition,
      long cursor,
      long messages,
      Instant since,
      long first) {}

  /** One subscription, and the messages found beyond its cursor so far. */
  private static final class Count {
    final String clientId;
    final StoredSubscription subscription;
    final long cursor;
    long messages;
    long first;
    @Nullable Instant since;

    Count(String clientId, StoredSubscription subscription, long cursor) {
      this.clientId = clientId;
      this.subscription = subscription;
      this.cursor = cursor;
    }
  }

  private static final int QOS_MASK = 3;

  private final Map<Integer, Map<String, List<Count>>> byPartition = new HashMap<>();
  private final Feeds feeds;
  private final SkippedRecords skipped = new SkippedRecords(LoggerFactory.getLogger(Missed.class));
  private int subscriptions;

  /**
   * No subscriptions.
   *
   * @param feeds the division of addresses into feeds
   */
  public Missed(Feeds feeds) {
    this.feeds = feeds;
  }

  /** Adds a subscription of a feed; false when {@value #SUBSCRIPTIONS_MAX} were added already. */
  public boolean add(String clientId, StoredFeed feed, StoredSubscription subscription) {
    if ((subscription.options() & QOS_MASK) == 0) {
      return true; // messages at QoS 0 are not redelivered, so a subscription cannot miss them
    }
    if (subscriptions == SUBSCRIPTIONS_MAX) {
      return false;
    }
    subscriptions++;
    byPartition
        .computeIfAbsent(feeds.partitionOf(feed.name()), p -> new HashMap<>())
        .computeIfAbsent(subscription.filter(), a -> new ArrayList<>(1))
        .add(new Count(clientId, subscription, Math.max(feed.cursor(), subscription.from())));
    return true;
  }

  /** The number of subscriptions added. */
  public int subscriptions() {
    return subscriptions;
  }

  /**
   * The offset from which a partition has to be read: the one after the lowest cursor; {@code end}
   * when the partition has no subscription.
   */
  public long from(int partition, long beginning, long end) {
    return byPartition.getOrDefault(partition, Map.of()).values().stream()
        .flatMap(List::stream)
        .mapToLong(each -> Math.max(beginning, each.cursor + 1))
        .min()
        .orElse(end);
  }

  /**
   * Counts the messages of {@code [from, to)} in a partition. The consumer belongs to the caller.
   *
   * @param progress receives the number of offsets read, after each poll that read some
   */
  public void count(
      Consumer<byte[], byte[]> consumer,
      TopicPartition source,
      long from,
      long to,
      LongConsumer progress) {
    Map<String, List<Count>> counts = byPartition.getOrDefault(source.partition(), Map.of());
    new TopicScan(consumer)
        .read(
            source,
            from,
            to,
            record -> {
              String wrong = MessageCheck.wrong(record, feeds);
              if (wrong == null) {
                counts
                    .getOrDefault(Utils.utf8(record.key()), List.of())
                    .forEach(each -> take(each, record));
              } else {
                skipped.add(record.topic(), record.partition(), record.offset(), wrong);
              }
            },
            progress);
  }

  /** How many records were no messages so far. */
  public long skipped() {
    return skipped.count();
  }

  /** The subscriptions that are behind, the one with the oldest missed message first. */
  public List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    byPartition.forEach(
        (partition, addresses) ->
            addresses.values().stream()
                .flatMap(List::stream)
                .forEach(
                    each -> {
                      Instant since = each.since;
                      if (since != null) {
                        rows.add(row(each, partition, since));
                      }
                    }));
    rows.sort(Comparator.comparing(Row::since).thenComparing(Row::clientId));
    return rows;
  }

  private static Row row(Count count, int partition, Instant since) {
    return new Row(
        count.clientId,
        count.subscription.filter(),
        partition,
        count.cursor,
        count.messages,
        since,
        count.first);
  }

  private static void take(Count count, ConsumerRecord<byte[], byte[]> record) {
    if (record.offset() > count.cursor) {
      count.messages++;
      if (count.since == null) {
        count.since = Instant.ofEpochMilli(record.timestamp());
        count.first = record.offset();
      }
    }
  }
}
