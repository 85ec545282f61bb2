// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.routing;

import io.pabal.router.cluster.ConnectorStates;
import io.pabal.router.cluster.DeliveryTopics;
import io.pabal.router.cluster.EndOffsets;
import io.pabal.router.failure.FailStopProducer;
import io.pabal.router.metrics.RouterMetrics;
import io.pabal.router.table.LocationEntry;
import io.pabal.router.table.LocationTable;
import io.pabal.schemas.Codecs;
import io.pabal.schemas.DeliveryHeader.Rewind;
import io.pabal.schemas.Location;
import io.pabal.schemas.LocationCheck;
import io.pabal.schemas.MalformedRecordException;
import io.pabal.schemas.SkippedRecords;
import io.pabal.schemas.clock.BrokerTime;
import io.pabal.schemas.topic.Feeds;
import io.pabal.schemas.topic.TopicCatalogue;
import io.pabal.telemetry.LogLimiter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Routes one partition: its messages and its locations, in one task and on one stream thread.
 *
 * <h2>The invariant</h2>
 *
 * For every activation that was answered, the <em>head</em> in the answer divides the messages of
 * the feed. The connector finds every message at or below head in the timeline. Every message above
 * head is sent to the connector while the location stays in the table. The invariant holds because
 *
 * <ul>
 *   <li>a location enters the table before it is answered, and nothing is routed in between: after
 *       the answer, every message of the feed that this task routes is sent to that connector,
 *       through the same partition and behind the answer;
 *   <li>head is never below a message that was routed before the location was in the table. A task
 *       starts with the end of its partition of {@code messages} as head: no earlier task can have
 *       routed a message beyond it, even if deliveries were lost with the earlier task's producer.
 *       After the start, head increases with each message.
 * </ul>
 *
 * <p>A head that is higher than necessary is safe. The connector then reads more from the timeline,
 * which will contain every message up to head, because these messages are in {@code messages}
 * already. The connector drops messages that are pushed as well, because they are at or below the
 * position it has seen. A head that is too low would lose the messages in between. For the same
 * reason, the order in which this task processes messages and locations does not matter, and the
 * task does not wait for either topic ({@code max.task.idle.ms=-1}): a location that is processed
 * late is answered with a higher head, and after a location that is processed early more messages
 * are pushed.
 *
 * <h2>Locations without an answer</h2>
 *
 * Connectors announce their locations repeatedly, in case a row was lost. A location whose row is
 * already correct has been answered, and by this task, unless the row was restored. If the row was
 * restored, either the answer of the earlier task reached Kafka before that task's last commit, or
 * this task processes the same record again. An earlier task may have processed, without a commit,
 * any record before the end of {@code locations} at this task's start. So every location before
 * that end is answered; behind it, only a location that changes the table is answered. A connector
 * that still misses an answer requests it by a check.
 *
 * <p>After a restart the task processes up to one commit interval of records again, with a table
 * that these records have already changed. Messages are sent again, and connectors drop them by
 * position. A present location finds itself or a newer one in the table, and is answered again. A
 * removal finds its activation or nothing. A rewind is sent again, and its sessions get the range
 * once more.
 *
 * <p>A message is never skipped for a connector whose topic exists: see {@link FailStopProducer}.
 */
final class RouterProcessor extends ContextualProcessor<byte[], byte[], byte[], RoutedRecord> {

  private static final Logger log = LoggerFactory.getLogger(RouterProcessor.class);

  /**
   * The age in milliseconds above which a rewind is ignored. A router that reads {@code locations}
   * from the beginning finds the rewinds of days, which were sent to their connectors long ago.
   */
  private static final long REWIND_AGE_MAX_MILLIS = TimeUnit.HOURS.toMillis(1);

  private static final Pattern CONNECTOR_ID = Pattern.compile("[A-Za-z0-9._-]{1,200}");

  private final Feeds feeds;
  private final Codecs codecs;
  private final DeliveryTopics topics;
  private final EndOffsets endOffsets;
  private final RouterMetrics metrics;
  private final SkippedRecords skipped;
  private final LogLimiter skippedLines;
  private LocationTable table;
  private ConnectorStates connectors;
  private Outbox outbox;
  private long startedAtMillis;
  private long newLocationsFrom;
  private long head;

  @SuppressWarnings("NullAway.Init") // Kafka Streams calls init() first
  RouterProcessor(
      Feeds feeds,
      Codecs codecs,
      DeliveryTopics topics,
      EndOffsets endOffsets,
      RouterMetrics metrics,
      SkippedRecords skipped,
      LogLimiter skippedLines) {
    this.feeds = feeds;
    this.codecs = codecs;
    this.topics = topics;
    this.endOffsets = endOffsets;
    this.metrics = metrics;
    this.skipped = skipped;
    this.skippedLines = skippedLines;
  }

  @Override
  public void init(ProcessorContext<byte[], RoutedRecord> context) {
    super.init(context);
    int partition = context.taskId().partition();
    table = new LocationTable(context.getStateStore(LocationTable.STORE), skipped);
    connectors =
        new ConnectorStates(context.getStateStore(ConnectorStates.STORE), codecs.connectorState());
    outbox = new Outbox(context, codecs.unrouted(), topics, metrics, skippedLines);
    startedAtMillis = nowMillis();
    head = endOffsets.endOffset(new TopicPartition(TopicCatalogue.MESSAGES, partition)) - 1;
    newLocationsFrom =
        endOffsets.endOffset(new TopicPartition(TopicCatalogue.LOCATIONS, partition));
    log.info("routing partition={} head={}", partition, head);
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    RecordMetadata at = context().recordMetadata().orElseThrow();
    try {
      if (record.key() == null) {
        throw new MalformedRecordException(at.topic() + ": a record without a key");
      }
      if (at.topic().equals(TopicCatalogue.MESSAGES)) {
        if (record.value() == null) {
          throw new MalformedRecordException("messages: a record without a value");
        }
        route(record, checkedPrefix(at, record.key()), at.offset());
      } else {
        locate(record, at.offset(), decode(record));
      }
    } catch (MalformedRecordException e) {
      skipped.add(at.topic(), at.partition(), at.offset(), e.getMessage());
    }
  }

  /**
   * The prefix of a message's address. A message in another partition than the one that orders its
   * feed is refused: its offset would be compared with the positions of that partition.
   */
  private byte[] checkedPrefix(RecordMetadata at, byte[] address) {
    byte[] prefix = feeds.prefixOf(address);
    int ordering = feeds.partitionOf(prefix);
    if (ordering != at.partition()) {
      throw new MalformedRecordException(
          "messages: an address of another partition (expected: partition "
              + ordering
              + ", that of its prefix by Kafka's default partitioner for Java)");
    }
    return prefix;
  }

  private void route(Record<byte[], byte[]> message, byte[] prefix, long offset) {
    List<LocationEntry> dropped = List.of();
    List<LocationEntry> all = table.connectorsOf(prefix);
    for (LocationEntry to : all) {
      if (!(isLive(to) && outbox.deliver(message, prefix, offset, to, reliedOnSince(message)))) {
        dropped = append(dropped, to);
      }
    }
    if (!dropped.isEmpty()) {
      table.removeIf(prefix, dropped::contains);
    }
    if (dropped.size() == all.size()) {
      outbox.unrouted(message.key(), offset, message.timestamp());
    }
    head = Math.max(head, offset);
    metrics.routed.increment();
    metrics.delays.recordMillis(nowMillis() - message.timestamp());
  }

  private void locate(Record<byte[], byte[]> record, long offset, Location location) {
    byte[] prefix = record.key();
    if (LocationCheck.isOne(location)) {
      check(record, location.getConnectorId());
      return;
    }
    var entry =
        new LocationEntry(
            location.getConnectorId(), location.getIncarnation(), location.getActivation());
    if (!location.getPresent()) {
      table.removeIf(prefix, entry::equals);
    } else if (isLive(entry)) {
      boolean changed = table.put(prefix, entry);
      if ((changed || offset < newLocationsFrom)
          && !outbox.activate(prefix, head, entry, record.timestamp())) {
        table.removeIf(prefix, old -> old.connectorId().equals(entry.connectorId()));
      }
    }
  }

  /**
   * Answers the activations of a feed again, so that its connectors see whether they have every
   * message up to {@code head}, and sends them the rewind in the record, if any. Removes the
   * locations of dead incarnations, and of topics that are gone or refuse all records; otherwise
   * the table is unchanged.
   *
   * @param connectorId the connector to answer; empty: all
   */
  private void check(Record<byte[], byte[]> record, String connectorId) {
    byte[] prefix = record.key();
    Rewind rewind = isOutdated(record) ? null : Outbox.rewindOf(record.headers());
    List<LocationEntry> dropped = List.of();
    for (LocationEntry to : table.connectorsOf(prefix)) {
      boolean checked = connectorId.isEmpty() || to.connectorId().equals(connectorId);
      if (checked
          && !(isLive(to)
              && outbox.activate(prefix, head, to, record.timestamp())
              && (rewind == null || outbox.rewind(prefix, rewind, to, record.timestamp())))) {
        dropped = append(dropped, to);
      }
    }
    if (!dropped.isEmpty()) {
      table.removeIf(prefix, dropped::contains);
    }
  }

  private boolean isOutdated(Record<byte[], byte[]> record) {
    return nowMillis() - record.timestamp() > REWIND_AGE_MAX_MILLIS;
  }

  /** The time of the clock that gives records their timestamps, not of this machine's clock. */
  private long nowMillis() {
    return context().currentSystemTimeMs() + BrokerTime.aheadMillis();
  }

  /** A copy with one more entry. Rarely called, so most messages need no list of their own. */
  private static List<LocationEntry> append(List<LocationEntry> entries, LocationEntry entry) {
    List<LocationEntry> all = new ArrayList<>(entries);
    all.add(entry);
    return all;
  }

  private boolean isLive(LocationEntry entry) {
    if (connectors.isDead(entry)) {
      metrics.deadLocationsRemoved.increment();
      return false;
    }
    return true;
  }

  /**
   * The time, in milliseconds since 1970 UTC, after which Kafka must have reported a topic as
   * missing, as in {@link DeliveryTopics#exists}. The start of the task counts as reliance on the
   * locations that the task found in the table.
   */
  private long reliedOnSince(Record<byte[], byte[]> message) {
    return Math.max(startedAtMillis, message.timestamp());
  }

  private Location decode(Record<byte[], byte[]> record) {
    byte[] value = record.value();
    if (value == null) {
      throw new MalformedRecordException("locations: a record without a value");
    }
    // An answer of this task would contain positions of a partition that does not order the feed.
    int ordering = feeds.partitionOf(record.key());
    if (ordering != context().taskId().partition()) {
      throw new MalformedRecordException(
          "locations: a prefix of another partition (expected: " + ordering + ")");
    }
    if (!feeds.isPrefix(record.key())) {
      throw new MalformedRecordException(
          "locations: an address (expected: a prefix, of at most "
              + feeds.prefixLevels()
              + " levels)");
    }
    // If the schema is unavailable, the task stops rather than lose the location.
    Location location = codecs.location().decodeAwaiting(value);
    boolean checksAll = LocationCheck.isOne(location) && location.getConnectorId().isEmpty();
    if (!checksAll && !CONNECTOR_ID.matcher(location.getConnectorId()).matches()) {
      throw new MalformedRecordException(
          "locations: connector id `"
              + location.getConnectorId()
              + "` (expected: 1-200 letters, digits, `.`, `_` or `-`)");
    }
    return location;
  }
}
