// SPDX-License-Identifier: Apache-2.0
package io.pabal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import io.pabal.command.http.HttpConfig;
import io.pabal.command.http.HttpEndpoint;
import io.pabal.command.http.Monitor;
import io.pabal.endtoend.Clients.Subscriber;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kafka stops while clients publish, and comes back. */
class BrokerOutageTest {

  private static final int PUBLISHERS = 5;
  private static final int IN_FLIGHT = 20;
  private static final Duration OUTAGE = Duration.ofSeconds(5);
  private static final Duration SETTLED = Duration.ofSeconds(1);

  @TempDir Path data;

  @Test
  void shouldAcknowledgeNothingThatKafkaDidNotTakeAndLoseNothing() throws Exception {
    try (Pipeline pipeline = Pipeline.start(data, 1);
        Monitor monitor = new Monitor();
        HttpEndpoint endpoint = HttpEndpoint.open(new HttpConfig("127.0.0.1", 0), monitor)) {
      monitor.watch("c1", pipeline.connector(1));
      awaitHealth(endpoint, "ready", 200);
      Subscriber subscriber = Clients.persistent(pipeline.port(1), "subscriber", true);
      subscriber.subscribe("rooms/1");
      Set<String> acknowledged = ConcurrentHashMap.newKeySet();
      AtomicBoolean publishing = new AtomicBoolean(true);
      AtomicInteger disconnects = new AtomicInteger();
      List<Thread> publishers = new ArrayList<>();
      for (int i = 0; i < PUBLISHERS; i++) {
        Mqtt5AsyncClient publisher = Clients.connect(pipeline.port(1), "publisher-" + i);
        publishers.add(publishing(publisher, i, acknowledged, publishing, disconnects));
      }
      Mqtt5AsyncClient idle = Clients.connect(pipeline.port(1), "idle");
      await().until(() -> acknowledged.size() > 500);

      pipeline.stopKafka();
      // What Kafka took before it stopped may still be on its way to the publishers.
      var appended = pipeline.connector(1).metrics().appendDelay;
      await().during(SETTLED).until(() -> acknowledged.size() == appended.count());
      int atStop = acknowledged.size();
      CompletableFuture<?> duringOutage = Clients.publish(idle, "rooms/2", "during the outage");
      await().during(OUTAGE).untilAsserted(() -> assertThat(acknowledged).hasSize(atStop));
      assertThat(duringOutage).isNotDone();
      awaitHealth(endpoint, "ready", 503);
      awaitHealth(endpoint, "live", 200);
      pipeline.startKafka();

      Clients.await(duringOutage);
      awaitHealth(endpoint, "ready", 200);
      await().until(() -> acknowledged.size() > atStop + 500);
      publishing.set(false);
      for (Thread publisher : publishers) {
        publisher.join();
      }
      assertThat(disconnects).hasValue(0);
      await().untilAsserted(() -> assertThat(missing(acknowledged, subscriber.received)).isEmpty());
      assertInOrder(subscriber.received);
    }
  }

  private static void awaitHealth(HttpEndpoint endpoint, String kind, int status) {
    URI uri =
        URI.create("http://127.0.0.1:%d/health/%s".formatted(endpoint.address().getPort(), kind));
    try (HttpClient client = HttpClient.newHttpClient()) {
      await()
          .untilAsserted(
              () -> {
                var answer =
                    client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
                assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
              });
    }
  }

  private static Set<String> missing(Set<String> acknowledged, List<String> received) {
    Set<String> missing = new TreeSet<>(acknowledged);
    received.forEach(missing::remove);
    return missing;
  }

  /** Texts are {@code publisher:number}; each publisher's numbers have to rise. */
  private static void assertInOrder(List<String> received) {
    int[] last = new int[PUBLISHERS];
    java.util.Arrays.fill(last, -1);
    for (String text : received) {
      String[] parts = text.split(":", -1);
      int publisher = Integer.parseInt(parts[0]);
      int number = Integer.parseInt(parts[1]);
      assertThat(number)
          .as("after %s:%s", publisher, last[publisher])
          .isEqualTo(last[publisher] + 1);
      last[publisher] = number;
    }
  }

  private static Thread publishing(
      Mqtt5AsyncClient publisher,
      int number,
      Set<String> acknowledged,
      AtomicBoolean publishing,
      AtomicInteger disconnects) {
    Semaphore room = new Semaphore(IN_FLIGHT);
    return Thread.startVirtualThread(
        () -> {
          for (int i = 0; publishing.get(); i++) {
            String text = number + ":" + i;
            room.acquireUninterruptibly();
            var _ =
                Clients.publish(publisher, "rooms/1", text)
                    .whenComplete(
                        (result, error) -> {
                          if (error == null) {
                            acknowledged.add(text);
                          } else {
                            disconnects.incrementAndGet();
                          }
                          room.release();
                        });
          }
          room.acquireUninterruptibly(IN_FLIGHT);
        });
  }
}
