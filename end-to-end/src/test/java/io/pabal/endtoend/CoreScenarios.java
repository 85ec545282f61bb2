// SPDX-License-Identifier: Apache-2.0
package io.pabal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import io.pabal.endtoend.Clients.Subscriber;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * What users are promised first of all, on any deployed pipeline. Each scenario has addresses and
 * clients of its own and leaves the pipeline whole.
 */
abstract class CoreScenarios {

  private static final int MESSAGES = 200;

  /** The pipeline that all scenarios of the class run on. */
  abstract DeployedPipeline pipeline();

  @Test
  void shouldDeliverInOrderToASubscriberOnAnotherConnector() throws Exception {
    // Given
    Subscriber alice = Clients.persistent(pipeline().port(2), "alice", true);
    alice.subscribe("users/alice");

    // When
    publish(pipeline().port(1), "users/alice", 0, MESSAGES);

    // Then
    awaitExactly(alice, texts(0, MESSAGES));
    alice.disconnect();
  }

  @Test
  void shouldResumeOnAnotherConnectorWhatCameWhileAway() throws Exception {
    // Given
    Subscriber bob = Clients.persistent(pipeline().port(1), "bob", true);
    bob.subscribe("users/bob");
    bob.disconnect();
    publish(pipeline().port(1), "users/bob", 0, MESSAGES);

    // When
    Subscriber again = Clients.persistent(pipeline().port(2), "bob", false);

    // Then
    assertThat(again.sessionPresent).isTrue();
    awaitExactly(again, texts(0, MESSAGES));
    publish(pipeline().port(1), "users/bob", MESSAGES, MESSAGES);
    awaitExactly(again, texts(0, 2 * MESSAGES));
    again.disconnect();
  }

  @Test
  void shouldGoOnElsewhereWhenAConnectorIsKilled() throws Exception {
    // Given
    Subscriber carol = Clients.persistent(pipeline().port(2), "carol", true);
    carol.subscribe("users/carol");
    publish(pipeline().port(1), "users/carol", 0, MESSAGES);
    awaitExactly(carol, texts(0, MESSAGES));

    // When
    pipeline().killConnector(2);
    try {
      await().until(() -> carol.disconnectedBy.get() != null);
      publish(pipeline().port(1), "users/carol", MESSAGES, MESSAGES);
      Subscriber elsewhere = Clients.persistent(pipeline().port(1), "carol", false);

      // Then
      assertThat(elsewhere.sessionPresent).isTrue();
      await().until(() -> elsewhere.received.contains(Integer.toString(2 * MESSAGES - 1)));
      // What she acknowledged since the last checkpoint may come once more, before the rest.
      int first = 2 * MESSAGES - elsewhere.received.size();
      assertThat(first).isBetween(0, MESSAGES);
      assertThat(elsewhere.received).isEqualTo(texts(first, 2 * MESSAGES - first));
      elsewhere.disconnect();
    } finally {
      pipeline().startConnector(2);
    }

    // When the connector is back
    publish(pipeline().port(2), "users/carol", 2 * MESSAGES, MESSAGES);
    Subscriber back = Clients.persistent(pipeline().port(2), "carol", false);

    // Then
    awaitExactly(back, texts(2 * MESSAGES, MESSAGES));
    back.disconnect();
  }

  private static void publish(int port, String address, int first, int count) throws Exception {
    Mqtt5AsyncClient publisher = Clients.connect(port, "publisher");
    for (String text : texts(first, count)) {
      Clients.await(Clients.publish(publisher, address, text));
    }
    Clients.await(publisher.disconnect());
  }

  private static void awaitExactly(Subscriber subscriber, List<String> expected) {
    await().untilAsserted(() -> assertThat(subscriber.received).isEqualTo(expected));
  }

  private static List<String> texts(int first, int count) {
    return IntStream.range(first, first + count).mapToObj(Integer::toString).toList();
  }
}
