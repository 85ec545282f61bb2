// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.cluster;

import org.apache.kafka.common.TopicPartition;

/** Says where a partition's log ends. */
public interface EndOffsets {

  /**
   * The offset that the next record will get. Blocks, bounded.
   *
   * @throws org.apache.kafka.common.KafkaException when Kafka does not say in time
   */
  long endOffset(TopicPartition partition);
}
