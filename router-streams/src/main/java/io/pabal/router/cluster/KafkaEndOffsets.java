// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.cluster;

import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;

/** Reads the end offsets of partitions from the brokers. */
public record KafkaEndOffsets(Admin admin) implements EndOffsets {

  @Override
  public long endOffset(TopicPartition partition) {
    var answer = admin.listOffsets(Map.of(partition, OffsetSpec.latest()));
    return AdminAnswer.await(answer.partitionResult(partition), "end of " + partition).offset();
  }
}
