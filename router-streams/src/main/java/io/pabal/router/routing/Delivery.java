// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.routing;

import io.pabal.schemas.Partitions;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the router hands to its sink: a value on its way to a topic that is only known now.
 *
 * @param topic where to
 * @param messagesPartition the partition of {@code messages} that this stems from, which decides
 *     the partition there
 * @param value the value bytes, handed on as they are
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Delivery(String topic, int messagesPartition, byte @Nullable [] value) {

  /** The partition to send to, in the form that Kafka Streams asks for it. */
  Optional<Set<Integer>> partition(int partitionsOfTopic) {
    return Optional.of(Set.of(Partitions.ofDelivery(messagesPartition, partitionsOfTopic)));
  }
}
