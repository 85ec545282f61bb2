// SPDX-License-Identifier: Apache-2.0
package io.pabal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import io.pabal.endtoend.Clients.Subscriber;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Publishers on one connector, subscribers on another. */
@ExtendWith(Backbone.Extension.class)
class AcrossConnectorsTest {

  private static final int CLIENTS = 100;
  private static final int MESSAGES = 300;
  private static final int IN_FLIGHT = 50;

  @Test
  void shouldDeliverEveryMessageInOrderAndOnce(Backbone backbone) throws Exception {
    try (Pipeline pipeline = Pipeline.on(backbone, 2)) {
      List<Subscriber> subscribers = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        Subscriber subscriber = Clients.persistent(pipeline.port(2), "subscriber-" + i, true);
        subscriber.subscribe("across/" + i);
        subscribers.add(subscriber);
      }

      List<Thread> publishers = new ArrayList<>();
      List<Throwable> failures = java.util.Collections.synchronizedList(new ArrayList<>());
      for (int i = 0; i < CLIENTS; i++) {
        int number = i;
        publishers.add(
            Thread.startVirtualThread(
                () -> {
                  try {
                    publishAll(pipeline.port(1), number);
                  } catch (Exception e) {
                    failures.add(e);
                  }
                }));
      }
      for (Thread publisher : publishers) {
        publisher.join();
      }

      assertThat(failures).isEmpty();
      List<String> expected = IntStream.range(0, MESSAGES).mapToObj(Integer::toString).toList();
      await()
          .untilAsserted(
              () ->
                  assertThat(subscribers)
                      .allSatisfy(
                          each -> assertThat(each.received).hasSizeGreaterThanOrEqualTo(MESSAGES)));
      assertThat(subscribers).allSatisfy(each -> assertThat(each.received).isEqualTo(expected));
      for (Subscriber subscriber : subscribers) {
        subscriber.disconnect();
      }
    }
  }

  private static void publishAll(int port, int number) throws Exception {
    Mqtt5AsyncClient publisher = Clients.connect(port, "publisher-" + number);
    List<CompletableFuture<?>> unacknowledged = new ArrayList<>();
    for (int message = 0; message < MESSAGES; message++) {
      unacknowledged.add(Clients.publish(publisher, "across/" + number, Integer.toString(message)));
      if (unacknowledged.size() == IN_FLIGHT) {
        Clients.await(CompletableFuture.allOf(unacknowledged.toArray(CompletableFuture[]::new)));
        unacknowledged.clear();
      }
    }
    Clients.await(CompletableFuture.allOf(unacknowledged.toArray(CompletableFuture[]::new)));
    Clients.await(publisher.disconnect());
  }
}
