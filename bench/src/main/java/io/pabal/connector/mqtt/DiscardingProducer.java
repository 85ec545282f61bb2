// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.mqtt;

import io.pabal.schemas.topic.TopicCatalogue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;

/** Acknowledges every record at once and forgets it. */
final class DiscardingProducer extends MockProducer<byte[], byte[]> {

  private static final RecordMetadata METADATA =
      new RecordMetadata(new TopicPartition(TopicCatalogue.MESSAGES, 0), 0, 0, 0, 0, 0);
  private static final Future<RecordMetadata> DONE = CompletableFuture.completedFuture(METADATA);

  /** Keeps the JIT compiler from removing the computation of the sizes. */
  long bytes;

  @Override
  public synchronized Future<RecordMetadata> send(
      ProducerRecord<byte[], byte[]> record, Callback callback) {
    bytes += record.key().length + record.value().length;
    callback.onCompletion(METADATA, null);
    return DONE;
  }
}
