// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.connectors;

import io.pabal.command.NotFoundException;
import io.pabal.command.cluster.Cluster;
import io.pabal.command.position.Position;
import io.pabal.command.position.PositionRange;
import io.pabal.command.position.SpanReader;
import io.pabal.schemas.AvroCodec;
import io.pabal.schemas.ConnectorState;
import io.pabal.schemas.MalformedRecordException;
import io.pabal.schemas.SchemaPendingException;
import io.pabal.schemas.partitions.FixedPartitions;
import io.pabal.schemas.topic.TopicCatalogue;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * The connectors that have an entry in the topic {@code connectors}, and those of which only the
 * deliveries topic is left.
 */
public final class ConnectorDirectory {

  private final Cluster cluster;
  private final AvroCodec<ConnectorState> codec;
  private final Consumer<String> notes;

  /** The newest record of a connector: its state, or why the record cannot be read. */
  private record Newest(@Nullable ConnectorState state, @Nullable String unreadable) {}

  /**
   * Creates the directory of {@code cluster}. {@code notes} receives one line for each irregularity
   * that is found while reading.
   */
  public ConnectorDirectory(
      Cluster cluster, AvroCodec<ConnectorState> codec, Consumer<String> notes) {
    this.cluster = cluster;
    this.codec = codec;
    this.notes = notes;
  }

  /**
   * Lists all connectors as they are now, sorted by id. The topic {@code connectors} is read to its
   * end.
   *
   * @throws NotFoundException when the topic {@code connectors} does not exist
   */
  public List<ConnectorEntry> list() {
    SortedMap<String, Newest> states = new TreeMap<>();
    var everything = new PositionRange(new Position.Start(), new Position.End());
    new SpanReader(cluster, notes::accept)
        .read(
            everything.resolve(cluster, TopicCatalogue.CONNECTORS, Clock.systemUTC()),
            record -> {
              take(record, states);
              return true;
            },
            offsets -> true);
    TreeSet<String> withTopic = new TreeSet<>();
    cluster.topicNames().stream()
        .filter(name -> name.startsWith(TopicCatalogue.DELIVERIES_PREFIX))
        .forEach(name -> withTopic.add(TopicCatalogue.connectorIdOf(name)));
    TreeSet<String> ids = new TreeSet<>(states.keySet());
    ids.addAll(withTopic);
    return ids.stream().map(id -> entry(id, states.get(id), withTopic.contains(id))).toList();
  }

  /** Finds a connector; empty when the connector has neither an entry nor a deliveries topic. */
  public Optional<ConnectorEntry> find(String id) {
    return list().stream().filter(entry -> entry.id().equals(id)).findFirst();
  }

  /** Finds a connector. Throws {@link NotFoundException}, which names the existing connectors. */
  public ConnectorEntry get(String id) {
    List<ConnectorEntry> all = list();
    return all.stream()
        .filter(entry -> entry.id().equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                new NotFoundException(
                    "connector %s: does not exist (expected: %s)."
                        .formatted(
                            id,
                            all.isEmpty()
                                ? "none has registered here yet"
                                : "one of "
                                    + String.join(
                                        ", ", all.stream().map(ConnectorEntry::id).toList()))));
  }

  private static ConnectorEntry entry(String id, @Nullable Newest newest, boolean hasTopic) {
    return newest == null
        ? new ConnectorEntry(id, null, hasTopic, null)
        : new ConnectorEntry(id, newest.state, hasTopic, newest.unreadable);
  }

  private void take(ConsumerRecord<byte[], byte[]> record, SortedMap<String, Newest> states) {
    if (record.key() == null) {
      notes.accept(
          "%s-%d@%d: a record without a key, passed over"
              .formatted(record.topic(), record.partition(), record.offset()));
      return;
    }
    String id = new String(record.key(), StandardCharsets.UTF_8);
    if (FixedPartitions.isEntry(id)) {
      return;
    }
    if (record.value() == null) {
      states.remove(id);
      return;
    }
    try {
      states.put(id, new Newest(codec.decodeAwaiting(record.value()), null));
    } catch (MalformedRecordException | SchemaPendingException e) {
      // An earlier record of the connector does not hold its present state.
      states.put(id, new Newest(null, String.valueOf(e.getMessage())));
    }
  }
}
