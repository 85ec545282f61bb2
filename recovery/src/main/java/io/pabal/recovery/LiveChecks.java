// SPDX-License-Identifier: Apache-2.0
package io.pabal.recovery;

import io.pabal.schemas.AvroCodec;
import io.pabal.schemas.Location;
import io.pabal.schemas.TopicCatalogue;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Asks the router to have live sessions looked at: it answers with an <em>activated</em> of the
 * present head to the connectors of an address, and they read the timeline if that lies beyond what
 * they have seen. One record per address, whatever number of sessions. For one thread.
 */
final class LiveChecks {

  /** No activation has this number: they count from 1. */
  private static final long NO_ACTIVATION = 0;

  private final Producer<byte[], byte[]> producer;
  private final byte[] value;
  private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();

  /** Checks of one connector's sessions, or of all when {@code connectorId} is empty. */
  LiveChecks(Producer<byte[], byte[]> producer, AvroCodec<Location> codec, String connectorId) {
    this.producer = producer;
    this.value = codec.encode(new Location(connectorId, 0L, NO_ACTIVATION, true));
  }

  void ask(int partition, String address) {
    var _ =
        producer.send(
            new ProducerRecord<>(
                TopicCatalogue.LOCATIONS,
                partition,
                address.getBytes(StandardCharsets.UTF_8),
                value),
            (at, e) -> {
              if (e != null) {
                failure.compareAndSet(null, e);
              }
            });
  }

  /** Waits until Kafka has all that was asked. */
  void flush() {
    producer.flush();
    Exception failed = failure.get();
    if (failed != null) {
      throw new RecoveryException(
          "kafka: checks of live sessions not written: " + failed.getMessage(), failed);
    }
  }
}
