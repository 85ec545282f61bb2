// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.failover;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.pabal.bench.process.Await;
import io.pabal.schemas.topic.TopicCatalogue;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Publishes at a steady rate, to all partitions in turn, on a thread of its own. */
final class SteadyPublisher implements AutoCloseable {

  private static final int VALUE_BYTES = 200;

  private final KafkaProducer<byte[], byte[]> producer;
  private final List<List<String>> addresses;
  private final long intervalNanos;
  private final AtomicLongArray acknowledged;
  private final CompletableFuture<Void> failure = new CompletableFuture<>();
  private final Thread thread;
  private volatile boolean stopped;

  /**
   * Begins to publish.
   *
   * @param addresses those of each partition
   */
  SteadyPublisher(String bootstrapServers, List<List<String>> addresses, int messagesPerSecond) {
    this.addresses = addresses;
    intervalNanos = TimeUnit.SECONDS.toNanos(1) / messagesPerSecond;
    acknowledged = new AtomicLongArray(addresses.size());
    for (int partition = 0; partition < addresses.size(); partition++) {
      acknowledged.set(partition, -1);
    }
    var serializer = new ByteArraySerializer();
    producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", bootstrapServers, "acks", "all", "linger.ms", 0),
            serializer,
            serializer);
    thread = Thread.ofPlatform().name("publisher").start(this::publish);
  }

  /** The last offset of each partition that Kafka has acknowledged. */
  List<Long> acknowledged() {
    if (failure.isCompletedExceptionally()) {
      failure.join();
    }
    return LongStream.range(0, acknowledged.length())
        .map(partition -> acknowledged.get((int) partition))
        .boxed()
        .toList();
  }

  /** Ends publishing, and returns when everything is acknowledged. */
  void stop() {
    stopped = true;
    Await.end(thread);
    producer.flush();
  }

  @Override
  public void close() {
    stop();
    producer.close();
  }

  private void publish() {
    byte[] value = new byte[VALUE_BYTES];
    long nextNanos = System.nanoTime();
    for (int count = 0; !stopped; count++) {
      int partition = count % addresses.size();
      List<String> there = addresses.get(partition);
      String address = there.get(count / addresses.size() % there.size());
      send(partition, address.getBytes(UTF_8), value);
      nextNanos += intervalNanos;
      LockSupport.parkNanos(nextNanos - System.nanoTime());
    }
  }

  private void send(int partition, byte[] address, byte[] value) {
    var _ =
        producer.send(
            new ProducerRecord<>(TopicCatalogue.MESSAGES, partition, address, value),
            (at, e) -> {
              if (e != null) {
                failure.completeExceptionally(e);
              } else {
                acknowledged.accumulateAndGet(partition, at.offset(), Math::max);
              }
            });
  }
}
