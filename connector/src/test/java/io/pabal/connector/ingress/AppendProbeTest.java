// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartitionInfo;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What brokers say of partitions, and whether these take messages. */
class AppendProbeTest {

  private static final int REPLICAS_MIN = 2;

  @Test
  void shouldSayThatNoPartitionHasALeader() {
    assertThat(problem(partition(0, null, 3, 2), partition(1, Node.noNode(), 3, 2)))
        .isEqualTo(
            "no partition of messages takes anything, the first: it has no leader. Start the"
                + " brokers that are missing.");
  }

  @Test
  void shouldSayThatTooFewReplicasAreInSync() {
    assertThat(problem(partition(0, node(1), 3, 1), partition(1, node(2), 3, 1)))
        .isEqualTo(
            "no partition of messages takes anything, the first: 1 of its 3 replicas in sync"
                + " (expected: 2, min.insync.replicas). Start the brokers that are missing.");
  }

  @Test
  void shouldSayNothingWhileSomePartitionTakesMessages() {
    assertThat(problem(partition(0, null, 3, 2), partition(1, node(1), 3, 2))).isEmpty();
    assertThat(problem(partition(0, node(1), 3, 1), partition(1, node(1), 3, 3))).isEmpty();
  }

  @Test
  void shouldAskForNoMoreReplicasThanThereAre() {
    assertThat(problem(partition(0, node(1), 1, 1))).isEmpty();
  }

  private static String problem(TopicPartitionInfo... partitions) {
    return AppendProbe.firstProblem(List.of(partitions), REPLICAS_MIN).orElse("");
  }

  private static TopicPartitionInfo partition(
      int number, @Nullable Node leader, int replicas, int inSync) {
    return new TopicPartitionInfo(number, leader, nodes(replicas), nodes(inSync));
  }

  private static List<Node> nodes(int count) {
    return IntStream.rangeClosed(1, count).mapToObj(AppendProbeTest::node).toList();
  }

  private static Node node(int id) {
    return new Node(id, "broker-" + id, 9092);
  }
}
