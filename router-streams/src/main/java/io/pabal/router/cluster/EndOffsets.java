// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.cluster;

import org.apache.kafka.common.TopicPartition;

/** The end offsets of partitions. */
public interface EndOffsets {

  /**
   * The offset that the partition's next record will get. Blocks, for a bounded time.
   *
   * @throws org.apache.kafka.common.KafkaException when Kafka does not answer in time
   */
  long endOffset(TopicPartition partition);
}
