// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.model;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.pabal.connector.fixture.PlayedRouter;
import io.pabal.router.routing.SteppedTask.Sent;
import io.pabal.schemas.Codecs;
import io.pabal.schemas.DeliveryHeader;
import io.pabal.schemas.DeliveryHeader.Rewind;
import io.pabal.schemas.topic.Feeds;
import io.pabal.schemas.topic.TopicCatalogue;
import io.pabal.sessioncache.timeline.SteppedWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.header.internals.RecordHeaders;

/** Kafka, as the simulation sees it: a list per partition. */
final class Logs {

  /**
   * A record with a key and a value.
   *
   * @param value not to be changed
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Entry(String key, byte[] value) {}

  final int partitions;
  private final List<List<SteppedWriter.Message>> messages = new ArrayList<>();
  private final List<List<Entry>> locations = new ArrayList<>();
  private final List<Entry> connectors = new ArrayList<>();
  private final Map<String, List<Rewind>> rewinds = new HashMap<>();
  private final Map<String, List<Sent>> deliveries = new HashMap<>();

  Logs(int partitions) {
    this.partitions = partitions;
    for (int i = 0; i < partitions; i++) {
      messages.add(new ArrayList<>());
      locations.add(new ArrayList<>());
    }
  }

  /** The division of addresses into feeds. */
  Feeds feeds() {
    return new Feeds(partitions, Feeds.PREFIX_LEVELS_DEFAULT);
  }

  int partitionOf(String address) {
    return feeds().partitionOf(address);
  }

  /** One partition of {@code messages}; an index is an offset. */
  List<SteppedWriter.Message> messages(int partition) {
    return messages.get(partition);
  }

  /** One partition of {@code locations}. */
  List<Entry> locations(int partition) {
    return locations.get(partition);
  }

  /** The topic of connector states. */
  List<Entry> connectors() {
    return connectors;
  }

  /** The one partition of a connector's deliveries. */
  List<Sent> deliveries(String connectorId) {
    return deliveries.computeIfAbsent(
        TopicCatalogue.deliveriesTopic(connectorId), topic -> new ArrayList<>());
  }

  /** Appends a message whose payload is its own offset. */
  void publish(String address) {
    List<SteppedWriter.Message> log = messages(partitionOf(address));
    byte[] value =
        Codecs.MESSAGE.encode(PlayedRouter.message(address, Integer.toString(log.size())).build());
    log.add(new SteppedWriter.Message(address, value));
  }

  /** An operator's rewind of an address reaches a connector's topic. */
  void rewind(String connectorId, String address, Rewind rewind) {
    var headers = new RecordHeaders();
    headers.add(DeliveryHeader.NAME, rewind.toBytes());
    String topic = TopicCatalogue.deliveriesTopic(connectorId);
    deliveries(connectorId).add(new Sent(topic, address.getBytes(UTF_8), null, headers));
    rewinds.computeIfAbsent(connectorId + " " + address, key -> new ArrayList<>()).add(rewind);
  }

  /** All rewinds of an address that reached a connector's topic. */
  List<Rewind> rewinds(String connectorId, String address) {
    return rewinds.getOrDefault(connectorId + " " + address, List.of());
  }

  /** The first message of the address at or beyond an offset; -1 when there is none. */
  long firstFrom(String address, long offset) {
    List<SteppedWriter.Message> log = messages(partitionOf(address));
    for (int i = (int) Math.max(0, offset); i < log.size(); i++) {
      if (log.get(i).address().equals(address)) {
        return i;
      }
    }
    return -1;
  }

  /** The offset that the next message of the address's partition will get. */
  long end(String address) {
    return messages(partitionOf(address)).size();
  }
}
