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
import io.pabal.schemas.topic.Partitions;
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
 * Routes one partition: its messages and its locations, in one task and on one thread.
 *
 * <h2>The invariant</h2>
 *
 * For every activation that was answered, each message of the address is either at or below the
 * <em>head</em> in the answer, and then the connector finds it in the timeline; or it is above, and
 * then it is sent to the connector while the location stays in the table. It holds because
 *
 * <ul>
 *   <li>a location enters the table before it is answered, and nothing is routed in between: from
 *       the answer on, whatever this task routes is sent to that connector, through the same
 *       partition and behind the answer;
 *   <li>head is never below what was routed before the location was in the table. A task starts
 *       with the end of its partition of {@code messages} as head: no earlier instance can have
 *       routed anything beyond, even if its deliveries were lost with its producer. From then on
 *       head grows with each message.
 * </ul>
 *
 * <p>A head that is higher than need be is safe. The connector then reads more from the timeline,
 * which will hold every message up to head since they are in {@code messages} already, and drops
 * those that are pushed as well, because they are at or below the position it has seen. A lower one
 * would lose what lies between. That is also why the order in which this task takes messages and
 * locations does not matter (they are not waited for: {@code max.task.idle.ms=-1}): a location that
 * is taken late is answered with a higher head, and one that is taken early with messages pushed
 * for it.
 *
 * <h2>What need not be answered</h2>
 *
 * Connectors announce their locations again and again, in case a row was lost. One that finds its
 * row as it should be was answered already, and by this task: either the task has put it there, or
 * it was restored, and then the answer of the task that put it had reached Kafka before that one's
 * last commit, or this task takes up the same record again. What an earlier task may have taken
 * without committing it, everything before the end of {@code locations} at the start, is therefore
 * answered in any case; beyond it only what changes the table. A connector that misses an answer
 * all the same asks for it by a check.
 *
 * <p>After a restart the task takes up to a commit interval of records again, against a table that
 * has seen them already. Messages are sent again and dropped by position; a present location finds
 * itself or a newer one, and is answered again; a removal finds its activation or nothing; a rewind
 * is handed on again, and its sessions are sent the range once more.
 *
 * <p>A message is never skipped for a connector whose topic exists: see {@link FailStopProducer}.
 */
final class RouterProcessor extends ContextualProcessor<byte[], byte[], byte[], RoutedRecord> {

  private static final Logger log = LoggerFactory.getLogger(RouterProcessor.class);

  /**
   * A router that begins anew with {@code locations} meets rewinds of days: they were handed on.
   */
  private static final long REWIND_AGE_MAX_MILLIS = TimeUnit.HOURS.toMillis(1);

  private static final Pattern CONNECTOR_ID = Pattern.compile("[A-Za-z0-9._-]{1,200}");

  private final int partitions;
  private final Codecs codecs;
  private final DeliveryTopics topics;
  private final EndOffsets endOffsets;
  private final RouterMetrics metrics;
  private final SkippedRecords skipped;
  private final LogLimiter gone;
  private LocationTable table;
  private ConnectorStates connectors;
  private Outbox outbox;
  private long startedAtMillis;
  private long newLocationsFrom;
  private long head;

  @SuppressWarnings("NullAway.Init") // init() comes first
  RouterProcessor(
      int partitions,
      Codecs codecs,
      DeliveryTopics topics,
      EndOffsets endOffsets,
      RouterMetrics metrics,
      SkippedRecords skipped,
      LogLimiter gone) {
    this.partitions = partitions;
    this.codecs = codecs;
    this.topics = topics;
    this.endOffsets = endOffsets;
    this.metrics = metrics;
    this.skipped = skipped;
    this.gone = gone;
  }

  @Override
  public void init(ProcessorContext<byte[], RoutedRecord> context) {
    super.init(context);
    int partition = context.taskId().partition();
    table = new LocationTable(context.getStateStore(LocationTable.STORE), skipped);
    connectors =
        new ConnectorStates(context.getStateStore(ConnectorStates.STORE), codecs.connectorState());
    outbox = new Outbox(context, codecs.unrouted(), topics, metrics, gone);
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
        route(record, at.offset());
      } else {
        locate(record, at.offset(), decode(record));
      }
    } catch (MalformedRecordException e) {
      skipped.add(at.topic(), at.partition(), at.offset(), e.getMessage());
    }
  }

  private void route(Record<byte[], byte[]> message, long offset) {
    byte[] address = message.key();
    List<LocationEntry> dropped = List.of();
    List<LocationEntry> all = table.connectorsOf(address);
    for (LocationEntry to : all) {
      if (!(isLive(to) && outbox.deliver(message, offset, to, reliedOnSince(message)))) {
        dropped = with(dropped, to);
      }
    }
    if (!dropped.isEmpty()) {
      table.removeIf(address, dropped::contains);
    }
    if (dropped.size() == all.size()) {
      outbox.unrouted(address, offset, message.timestamp());
    }
    head = Math.max(head, offset);
    metrics.routed.increment();
    metrics.delays.recordMillis(nowMillis() - message.timestamp());
  }

  private void locate(Record<byte[], byte[]> record, long offset, Location location) {
    byte[] address = record.key();
    if (LocationCheck.isOne(location)) {
      check(record, location.getConnectorId());
      return;
    }
    var entry =
        new LocationEntry(
            location.getConnectorId(), location.getIncarnation(), location.getActivation());
    if (!location.getPresent()) {
      table.removeIf(address, entry::equals);
    } else if (isLive(entry)) {
      boolean changed = table.put(address, entry);
      if ((changed || offset < newLocationsFrom)
          && !outbox.activate(address, head, entry, record.timestamp())) {
        table.removeIf(address, old -> old.connectorId().equals(entry.connectorId()));
      }
    }
  }

  /**
   * Answers the activations of an address once more, so that its connectors see whether they have
   * everything up to {@code head}, and hands them the rewind that the record may carry; nothing
   * else changes.
   *
   * @param connectorId the one that is meant; empty: all
   */
  private void check(Record<byte[], byte[]> record, String connectorId) {
    byte[] address = record.key();
    Rewind rewind = isOutdated(record) ? null : Outbox.rewindOf(record.headers());
    List<LocationEntry> dropped = List.of();
    for (LocationEntry to : table.connectorsOf(address)) {
      boolean meant = connectorId.isEmpty() || to.connectorId().equals(connectorId);
      if (meant
          && !(isLive(to)
              && outbox.activate(address, head, to, record.timestamp())
              && (rewind == null || outbox.rewind(address, rewind, to, record.timestamp())))) {
        dropped = with(dropped, to);
      }
    }
    if (!dropped.isEmpty()) {
      table.removeIf(address, dropped::contains);
    }
  }

  private boolean isOutdated(Record<byte[], byte[]> record) {
    return nowMillis() - record.timestamp() > REWIND_AGE_MAX_MILLIS;
  }

  /** The clock that gives records their timestamps, not that of this machine. */
  private long nowMillis() {
    return context().currentSystemTimeMs() + BrokerTime.aheadMillis();
  }

  /** Hardly ever called, so that a message mostly costs no list. */
  private static List<LocationEntry> with(List<LocationEntry> some, LocationEntry one) {
    List<LocationEntry> all = new ArrayList<>(some);
    all.add(one);
    return all;
  }

  private boolean isLive(LocationEntry entry) {
    if (connectors.isDead(entry)) {
      metrics.deadLocationsRemoved.increment();
      return false;
    }
    return true;
  }

  /** A location that this task found in the table was relied on when the task started. */
  private long reliedOnSince(Record<byte[], byte[]> message) {
    return Math.max(startedAtMillis, message.timestamp());
  }

  private Location decode(Record<byte[], byte[]> record) {
    byte[] value = record.value();
    if (value == null) {
      throw new MalformedRecordException("locations: a record without a value");
    }
    // An answer from here would name positions of a partition that does not order the address.
    int ordering = Partitions.of(record.key(), partitions);
    if (ordering != context().taskId().partition()) {
      throw new MalformedRecordException(
          "locations: an address of another partition (expected: " + ordering + ")");
    }
    // A schema that cannot be had stops the task rather than lose the location.
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
