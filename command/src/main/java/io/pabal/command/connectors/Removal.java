// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.connectors;

import io.pabal.command.cluster.Cluster;
import io.pabal.command.position.Position;
import io.pabal.command.position.PositionRange;
import io.pabal.command.position.Span;
import io.pabal.schemas.AvroCodec;
import io.pabal.schemas.ConnectorState;
import io.pabal.schemas.ConnectorStatus;
import io.pabal.schemas.topic.TopicCatalogue;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/**
 * Removes a connector from the cluster.
 *
 * <p>The order of the steps matters to the routers. First, the entry becomes DOWN. From then on,
 * routers drop each location of the connector that they encounter, and send the connector nothing
 * more. Next, the deliveries topic is deleted, once no more records arrive in it: a record on its
 * way to a deleted topic would make a router wait. The tombstone of the entry is written last,
 * because a connector without an entry counts as alive until its topic is found missing.
 */
final class Removal {

  private static final int CONNECT_MILLIS_MAX = 2_000;
  private static final int QUIET_POLL_MILLIS = 250;
  private static final int QUIET_POLLS = 4;
  private static final int QUIET_POLLS_MAX = 40;

  private final Cluster cluster;
  private final AvroCodec<ConnectorState> codec;
  private final ConnectorEntry entry;
  private final String topic;

  Removal(Cluster cluster, AvroCodec<ConnectorState> codec, ConnectorEntry entry) {
    this.cluster = cluster;
    this.codec = codec;
    this.entry = entry;
    this.topic = TopicCatalogue.deliveriesTopic(entry.id());
  }

  /** Whether the entry says that the connector runs, and its address accepts a connection. */
  boolean answers() {
    ConnectorState state = entry.state();
    if (state == null || !entry.claimsToRun() || state.getPort() == 0) {
      return false;
    }
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(state.getHost(), state.getPort()), CONNECT_MILLIS_MAX);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Describes what {@link #run} does. */
  String plan() {
    String registered =
        !entry.hasEntry() ? "" : "remove the entry of " + entry.id() + " from connectors";
    String left = entry.hasTopic() ? "delete topic " + topic : "";
    return registered + (registered.isEmpty() || left.isEmpty() ? "" : " and ") + left;
  }

  /** Removes the connector. {@code done} receives one line after each step. */
  void run(Consumer<String> done) throws InterruptedException {
    ConnectorState state = entry.state();
    if (entry.claimsToRun() && state != null) {
      state.setStatus(ConnectorStatus.DOWN);
      state.setSince(Instant.now());
      write(codec.encode(state));
      done.accept("%s (incarnation %d) is DOWN".formatted(entry.id(), state.getIncarnation()));
    }
    if (entry.hasTopic()) {
      awaitQuiet();
      try {
        cluster.get(cluster.admin().deleteTopics(List.of(topic)).all());
        done.accept("topic %s is deleted".formatted(topic));
      } catch (UnknownTopicOrPartitionException e) {
        done.accept("topic %s was gone already".formatted(topic));
      }
    }
    if (entry.hasEntry()) {
      write(null);
      done.accept("%s is removed".formatted(entry.id()));
    }
  }

  private void write(byte @Nullable [] value) {
    cluster.send(
        new ProducerRecord<>(
            TopicCatalogue.CONNECTORS, 0, entry.id().getBytes(StandardCharsets.UTF_8), value));
  }

  /** Waits until one second has passed without a new record, for about ten seconds at most. */
  private void awaitQuiet() throws InterruptedException {
    long end = -1;
    int quiet = 0;
    for (int polls = 0; polls < QUIET_POLLS_MAX && quiet < QUIET_POLLS; polls++) {
      long now = endOffsets();
      quiet = now == end ? quiet + 1 : 0;
      end = now;
      TimeUnit.MILLISECONDS.sleep(QUIET_POLL_MILLIS);
    }
  }

  private long endOffsets() {
    return new PositionRange(new Position.End(), new Position.End())
        .resolve(cluster, topic, Clock.systemUTC()).stream().mapToLong(Span::to).sum();
  }
}
