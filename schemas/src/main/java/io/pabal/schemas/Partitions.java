// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.NullMarked;

/**
 * Which partition orders a key: the same answer as Kafka's default partitioner, for those who must
 * know it first.
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
   * The partition of a deliveries topic that takes everything from one partition of {@code
   * messages}, so that what one router task sends to one connector stays in order.
   */
  public static int ofDelivery(int messagesPartition, int deliveryPartitions) {
    return messagesPartition % deliveryPartitions;
  }
}
