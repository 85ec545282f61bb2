// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.routing;

import io.pabal.schemas.topic.Partitions;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A record for the router's sink: a value and its destination, which is known only at routing.
 *
 * @param topic the destination
 * @param messagesPartition the partition of {@code messages} that the task routes; it decides the
 *     partition of {@code topic}
 * @param value the value bytes, sent unchanged
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record RoutedRecord(String topic, int messagesPartition, byte @Nullable [] value) {

  /** The partition to send to, in the form that Kafka Streams expects. */
  Optional<Set<Integer>> partition(int partitionsOfTopic) {
    return Optional.of(Set.of(Partitions.ofDelivery(messagesPartition, partitionsOfTopic)));
  }
}
