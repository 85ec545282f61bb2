// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.control;

import io.pabal.connector.session.SessionTable;
import io.pabal.schemas.DeliveryHeader;
import io.pabal.schemas.topic.TopicCatalogue;
import io.pabal.telemetry.LogLimiter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Informs other connectors, through their deliveries topics, that this connector has claimed a
 * session of theirs.
 *
 * <p>The evictions have a producer of their own: the other connector may be gone, and its topic
 * with it, and a producer blocks on a missing topic. This one blocks at most {@value #BLOCK_MILLIS}
 * ms per eviction, and at most {@value #QUEUE_MAX} evictions wait. A lost eviction breaks no
 * guarantee: the other connector cannot write under its old epoch, and learns of the new epoch at
 * its next checkpoint.
 */
public final class Evictions implements SessionTable.Evictor, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Evictions.class);
  private static final LogLimiter LOST_LINES =
      LogLimiter.perSecond(count -> log.warn("evictions lost leftOut={}", count));

  private static final int QUEUE_MAX = 10_000;
  private static final int BLOCK_MILLIS = 2_000;

  private final KafkaProducer<byte[], byte[]> producer;
  private final ThreadPoolExecutor executor =
      new ThreadPoolExecutor(
          1,
          1,
          0,
          TimeUnit.SECONDS,
          new ArrayBlockingQueue<>(QUEUE_MAX),
          Thread.ofPlatform().name("evictions").factory());

  /** Creates the producer; does not wait for Kafka. */
  public Evictions(String bootstrapServers) {
    Map<String, Object> settings = ControlWriter.settings(bootstrapServers);
    settings.put(ProducerConfig.CLIENT_ID_CONFIG, "evictions");
    settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, BLOCK_MILLIS);
    settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 5_000);
    settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 10_000);
    this.producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
  }

  @Override
  public void evict(String connectorId, String clientId, long epoch) {
    try {
      executor.execute(() -> send(connectorId, clientId, epoch));
    } catch (RejectedExecutionException e) {
      lost(connectorId, clientId, "too many evictions wait");
    }
  }

  @Override
  public void close() {
    executor.shutdownNow();
    producer.close(Duration.ofSeconds(1));
  }

  private void send(String connectorId, String clientId, long epoch) {
    var header = new RecordHeader(DeliveryHeader.NAME, new DeliveryHeader.Evict(epoch).toBytes());
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(
            TopicCatalogue.deliveriesTopic(connectorId),
            0,
            clientId.getBytes(StandardCharsets.UTF_8),
            null,
            List.of(header));
    var _ =
        producer.send(
            record,
            (metadata, error) -> {
              if (error != null) {
                lost(connectorId, clientId, error.toString());
              }
            });
  }

  private static void lost(String connectorId, String clientId, String reason) {
    if (LOST_LINES.allows()) {
      log.warn("eviction lost connector={} client={} reason=\"{}\"", connectorId, clientId, reason);
    }
  }
}
