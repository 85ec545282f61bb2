// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.failover;

import io.pabal.schemas.topic.TopicCatalogue;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.StreamsGroupDescription;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;

/** Which router has which partitions of {@code messages}, as the broker reports it. */
record RouterGroup(Admin admin, String groupId, boolean streamsProtocol) {

  /** The partitions of each member; no member while the group is not stable. */
  Map<String, Set<Integer>> partitionsByMember() throws InterruptedException {
    try {
      return streamsProtocol ? streams() : classic();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof GroupIdNotFoundException) {
        return Map.of();
      }
      throw new IllegalStateException("Kafka does not describe group " + groupId, e.getCause());
    }
  }

  private Map<String, Set<Integer>> classic() throws InterruptedException, ExecutionException {
    ConsumerGroupDescription group =
        admin.describeConsumerGroups(List.of(groupId)).all().get().values().iterator().next();
    if (group.groupState() != GroupState.STABLE) {
      return Map.of();
    }
    return group.members().stream()
        .collect(
            Collectors.toMap(
                member -> member.consumerId(),
                member ->
                    member.assignment().topicPartitions().stream()
                        .filter(assigned -> assigned.topic().equals(TopicCatalogue.MESSAGES))
                        .map(TopicPartition::partition)
                        .collect(Collectors.toSet())));
  }

  private Map<String, Set<Integer>> streams() throws InterruptedException, ExecutionException {
    StreamsGroupDescription group =
        admin.describeStreamsGroups(List.of(groupId)).all().get().values().iterator().next();
    if (group.groupState() != GroupState.STABLE) {
      return Map.of();
    }
    return group.members().stream()
        .collect(
            Collectors.toMap(
                member -> member.memberId(),
                member ->
                    member.assignment().activeTasks().stream()
                        .flatMap(tasks -> tasks.partitions().stream())
                        .collect(Collectors.toSet())));
  }
}
