// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.router;

import io.pabal.bench.process.ChildJvm;
import io.pabal.schemas.topic.TopicCatalogue;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/** One of the two applications: how far it was, and how fast its output grows. */
final class Application {

  private static final long POLL_MILLIS = 20;
  private static final long STALL_NANOS_MAX = TimeUnit.MINUTES.toNanos(2);

  /** The part of the records that comes before the measurement. */
  private static final int WARM_UP_DIVISOR = 4;

  private final String id;
  private final TopicPartition output;
  private final Admin admin;
  private final ChildJvm broker;

  /** An application that writes to the one partition of {@code outputTopic}. */
  Application(String id, String outputTopic, Admin admin, ChildJvm broker) {
    this.id = id;
    this.output = new TopicPartition(outputTopic, 0);
    this.admin = admin;
    this.broker = broker;
  }

  /** Makes it begin with the first message at its next start. It must not be running. */
  void rewind() throws ExecutionException, InterruptedException {
    Map<TopicPartition, OffsetAndMetadata> starts = new HashMap<>();
    for (int i = 0; i < TopicCatalogue.PARTITIONS_DEFAULT; i++) {
      starts.put(new TopicPartition(TopicCatalogue.MESSAGES, i), new OffsetAndMetadata(0));
    }
    admin.alterConsumerGroupOffsets(id, starts).all().get();
    admin.deleteRecords(Map.of(output, RecordsToDelete.beforeOffset(end()))).all().get();
  }

  /** Measures until it has written {@code records} more. */
  Rate measure(ChildJvm process, int records) throws Exception {
    long base = end();
    long from = await(process, base, records / WARM_UP_DIVISOR);
    long beganNanos = System.nanoTime();
    Duration cpu = process.cpu();
    Duration brokerCpu = broker.cpu();
    long through = await(process, base, records);
    long nanos = System.nanoTime() - beganNanos;
    double measured = through - from;
    return new Rate(
        measured * TimeUnit.SECONDS.toNanos(1) / nanos,
        process.cpu().minus(cpu).toNanos() / measured,
        broker.cpu().minus(brokerCpu).toNanos() / measured);
  }

  /** Returns the end of its output when that is {@code records} beyond {@code base}. */
  long await(ChildJvm process, long base, int records) throws Exception {
    long end = end();
    long grewNanos = System.nanoTime();
    while (end < base + records) {
      process.isReady(); // throws when it has ended
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
      long now = end();
      if (now > end) {
        grewNanos = System.nanoTime();
      } else if (System.nanoTime() - grewNanos > STALL_NANOS_MAX) {
        throw new IllegalStateException(
            "%s: %d of %d records, and no more for %d s"
                .formatted(
                    id, now - base, records, TimeUnit.NANOSECONDS.toSeconds(STALL_NANOS_MAX)));
      }
      end = now;
    }
    return end;
  }

  private long end() throws ExecutionException, InterruptedException {
    return admin
        .listOffsets(Map.of(output, OffsetSpec.latest()))
        .partitionResult(output)
        .get()
        .offset();
  }
}
