// SPDX-License-Identifier: Apache-2.0
package io.pabal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import io.pabal.endtoend.Clients.Subscriber;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A session that was away gets what it missed: on another connector, and after everything was
 * restarted.
 */
class ResumeTest {

  private static final int MESSAGES = 500;

  @TempDir Path data;

  @Test
  void shouldResumeOnAnotherConnectorAndAfterRestart() throws Exception {
    try (Pipeline pipeline = Pipeline.start(data, 2)) {
      Subscriber onFirst = Clients.persistent(pipeline.port(1), "bob", true);
      onFirst.subscribe("users/bob");
      onFirst.disconnect();

      publish(pipeline.port(1), 0);

      Subscriber onSecond = Clients.persistent(pipeline.port(2), "bob", false);
      assertThat(onSecond.sessionPresent).isTrue();
      awaitExactly(onSecond, 0);
      onSecond.disconnect();

      publish(pipeline.port(2), MESSAGES);
    }
    try (Pipeline restarted = Pipeline.start(data, 1)) {
      Subscriber again = Clients.persistent(restarted.port(1), "bob", false);

      assertThat(again.sessionPresent).isTrue();
      awaitExactly(again, MESSAGES);

      publish(restarted.port(1), 2 * MESSAGES);
      await()
          .untilAsserted(() -> assertThat(again.received).isEqualTo(texts(MESSAGES, 2 * MESSAGES)));
      again.disconnect();
    }
  }

  private static void awaitExactly(Subscriber subscriber, int first) {
    await().untilAsserted(() -> assertThat(subscriber.received).isEqualTo(texts(first, MESSAGES)));
  }

  private static List<String> texts(int first, int count) {
    return IntStream.range(first, first + count).mapToObj(Integer::toString).toList();
  }

  private static void publish(int port, int first) throws Exception {
    Mqtt5AsyncClient publisher = Clients.connect(port, "publisher");
    List<CompletableFuture<?>> unacknowledged = new ArrayList<>();
    for (String text : texts(first, MESSAGES)) {
      unacknowledged.add(Clients.publish(publisher, "users/bob", text));
    }
    Clients.await(CompletableFuture.allOf(unacknowledged.toArray(CompletableFuture[]::new)));
    Clients.await(publisher.disconnect());
  }
}
