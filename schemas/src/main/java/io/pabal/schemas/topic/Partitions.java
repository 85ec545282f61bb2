// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas.topic;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.NullMarked;

/**
 * The partition of a key, computed as Kafka's default partitioner does, for callers that need it
 * before they produce. The partition of an address follows from its prefix: {@link Feeds}.
 */
@NullMarked
public final class Partitions {

  private Partitions() {}

  /** The partition of {@code key} in a topic of {@code partitions} partitions. */
  public static int of(String key, int partitions) {
    return of(key.getBytes(StandardCharsets.UTF_8), partitions);
  }

  /** The partition of a key's UTF-8 bytes. */
  public static int of(byte[] key, int partitions) {
    return Utils.toPositive(Utils.murmur2(key)) % partitions;
  }

  /**
   * The partition of a deliveries topic for the records of one partition of {@code messages}. One
   * router task writes to one partition of each connector, which keeps the order.
   */
  public static int ofDelivery(int messagesPartition, int deliveryPartitions) {
    return messagesPartition % deliveryPartitions;
  }
}
