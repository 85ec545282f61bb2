// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.streams;

import io.pabal.router.table.LocationTable;
import io.pabal.telemetry.KafkaClientMeters;
import io.pabal.telemetry.Meters;
import io.pabal.telemetry.SampleFamily;
import io.pabal.telemetry.SampleFamily.Sample;
import java.util.Collection;
import java.util.List;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.ThreadMetadata;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.QueryableStoreTypes;

/** The meters of this router's Kafka Streams client. Each reading asks Kafka Streams. */
public final class StreamsMeters {

  private static final String THREAD = "StreamThread-";
  private static final String RESTORING = "restore-consumer";

  private final KafkaStreams streams;

  public StreamsMeters(KafkaStreams streams) {
    this.streams = streams;
  }

  /** Registers the meters. */
  public void bindTo(Meters meters) {
    meters.gauge(
        "pabal.router.running",
        "Whether the router routes: 1 in the state RUNNING, otherwise 0",
        () -> streams.state() == KafkaStreams.State.RUNNING ? 1 : 0);
    meters
        .with("kind", "active")
        .gauge(
            "pabal.router.tasks",
            "Partitions that this router routes (active), or keeps a copy of (standby)",
            this::activeTasks);
    meters
        .with("kind", "standby")
        .gauge(
            "pabal.router.tasks",
            "Partitions that this router routes (active), or keeps a copy of (standby)",
            this::standbyTasks);
    meters.family(
        "pabal.router.table.rows",
        "Addresses in this router's part of the location table; an estimate with RocksDB",
        new SampleFamily(List.of(), /* monotonic= */ false, this::tableRows));
    KafkaClientMeters.bind(meters, streams::metrics, StreamsMeters::clientOf);
  }

  private double activeTasks() {
    return threads().stream().mapToInt(thread -> thread.activeTasks().size()).sum();
  }

  private double standbyTasks() {
    return threads().stream().mapToInt(thread -> thread.standbyTasks().size()).sum();
  }

  private Collection<ThreadMetadata> threads() {
    try {
      return streams.metadataForLocalThreads();
    } catch (IllegalStateException e) {
      return List.of(); // Kafka Streams is not running
    }
  }

  /** The rows of the tables on this router; no sample while tasks move between routers. */
  private List<Sample> tableRows() {
    try {
      var table =
          streams.store(
              StoreQueryParameters.fromNameAndType(
                  LocationTable.STORE, QueryableStoreTypes.keyValueStore()));
      return List.of(new Sample(List.of(), table.approximateNumEntries()));
    } catch (InvalidStateStoreException | IllegalStateException e) {
      return List.of();
    }
  }

  /**
   * The client id without the part that differs at every start: {@code StreamThread-1-consumer}.
   * Empty, so that the client is left out, for clients of other threads and for the restore
   * consumer, which fetches only when there is something to restore.
   */
  private static String clientOf(MetricName metric) {
    String clientId = metric.tags().getOrDefault("client-id", "");
    int thread = clientId.indexOf(THREAD);
    return thread < 0 || clientId.endsWith(RESTORING) ? "" : clientId.substring(thread);
  }
}
