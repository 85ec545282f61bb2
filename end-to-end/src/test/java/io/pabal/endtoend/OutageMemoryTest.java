// SPDX-License-Identifier: Apache-2.0
package io.pabal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.handler.codec.mqtt.MqttMessageType;
import io.pabal.connector.fixture.Patience;
import io.pabal.connector.fixture.Wire;
import io.pabal.endtoend.PlainClient.Packet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kafka is away while many clients publish as fast as they can, and others connect, subscribe,
 * unsubscribe and disconnect in a loop: the connector, whose memory is small, keeps no more than it
 * is configured to. The outage ends when everything that may wait for Kafka does, however long that
 * takes here.
 */
class OutageMemoryTest {

  private static final int MEMORY_MIB = 128;
  private static final int PUBLISHERS = 100;
  private static final int RESTLESS = 20;

  /** Publishes that one client may have unacknowledged when nothing is configured. */
  private static final int RECEIVE_MAXIMUM = 1_024;

  private static final int BATCH = 32;
  private static final String FILLING = "x".repeat(2_000);

  /**
   * A small part of what the publishers offer, which is 80 MB, so that it is reached. Session
   * events may wait up to the same bound.
   */
  private static final long APPEND_BYTES_MAX = 8L << 20;

  /**
   * That the session of a restless client keeps, together 95 KB: they are part of the event that
   * its end causes, so that few ends fill what may wait.
   */
  private static final int ADDRESSES = 200;

  /** That a restless client subscribes to and unsubscribes from in each connection. */
  private static final int PASSING_ADDRESSES = 5;

  private static final String LONG = "a".repeat(450);

  /** Session events that wait, and those that the control writer's producer has. */
  private static final long EVENT_BYTES_MAX = 2 * APPEND_BYTES_MAX;

  /** As {@code ControlBacklog} says: operations under way still add theirs when it is full. */
  private static final long EVENTS_UNDER_WAY_BYTES = 2L * RESTLESS * ADDRESSES * 500;

  /** The buffer of Kafka's producer, which has room for twice what may be on its way. */
  private static final long PRODUCER_BYTES = 2 * APPEND_BYTES_MAX + 2 * 12 * (64L << 10);

  /** What is kept of an unacknowledged message beside its record, with its PUBACK to come. */
  private static final long UNACKNOWLEDGED_BYTES_MAX = 256;

  /** A client's buffer for reading, of up to twice 64 KiB, and its unacknowledged messages. */
  private static final long CONNECTION_BYTES_MAX =
      2 * (64L << 10) + RECEIVE_MAXIMUM * UNACKNOWLEDGED_BYTES_MAX;

  /** The ingress keeps each record until its answer is final, beside the producer's copy. */
  private static final long RECORDS_BYTES = APPEND_BYTES_MAX;

  private static final long OUTAGE_BYTES_MAX =
      PRODUCER_BYTES
          + RECORDS_BYTES
          + EVENT_BYTES_MAX
          + EVENTS_UNDER_WAY_BYTES
          + (PUBLISHERS + RESTLESS) * CONNECTION_BYTES_MAX;

  /** Server busy: as many session events wait for Kafka as may. */
  private static final int BUSY = 0x89;

  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  @TempDir Path data;
  private final AtomicBoolean going = new AtomicBoolean(true);
  private final AtomicInteger acknowledged = new AtomicInteger();

  @Test
  void shouldKeepWithinItsMemoryWhileKafkaIsAway() throws Exception {
    try (Pipeline pipeline = Pipeline.start(data, 0);
        ConnectorProcess connector =
            ConnectorProcess.start(
                data,
                "c1",
                MEMORY_MIB,
                pipeline.bootstrapServers(),
                pipeline.redisUri(),
                APPEND_BYTES_MAX)) {
      for (int i = 0; i < RESTLESS; i++) {
        subscribe(connector.port, "restless-" + i);
      }
      long bytesBefore = connector.memory().bytes();
      List<CompletableFuture<Integer>> publishers = new ArrayList<>();
      for (int i = 0; i < PUBLISHERS; i++) {
        String clientId = "publisher-" + i;
        publishers.add(inBackground(() -> publish(connector.port, clientId)));
      }
      List<CompletableFuture<Integer>> restless = new ArrayList<>();
      for (int i = 0; i < RESTLESS; i++) {
        String clientId = "restless-" + i;
        restless.add(inBackground(() -> comeAndGo(connector.port, clientId)));
      }
      await().until(() -> acknowledged.get() > 1_000);

      pipeline.stopKafka();
      // Paused at the bound, and not read on from before half of that is with Kafka.
      await().until(() -> connector.appendBytes() > APPEND_BYTES_MAX / 2);
      await().until(() -> answer(connector.port) == BUSY);
      long bytesKept = connector.memory().bytes() - bytesBefore;
      int atEnd = acknowledged.get();
      pipeline.startKafka();

      System.out.printf(
          "OutageMemoryTest: kept %d bytes of %d that may be%n", bytesKept, OUTAGE_BYTES_MAX);
      assertThat(bytesKept).isLessThan(OUTAGE_BYTES_MAX);
      await()
          .until(
              () -> {
                assertThat(publishers).noneMatch(CompletableFuture::isDone);
                return acknowledged.get() > atEnd + 1_000;
              });
      going.set(false);
      for (var each : publishers) {
        assertThat(Patience.get(each)).isPositive();
      }
      int rounds = 0;
      for (var each : restless) {
        rounds += Patience.get(each);
      }
      System.out.printf("OutageMemoryTest: %d rounds%n", rounds);
    }
  }

  /** Publishes, always with as many unacknowledged as a client may have; how many it got. */
  private int publish(int port, String clientId) throws IOException {
    try (PlainClient client = PlainClient.connect(port, Wire.connect5(clientId))) {
      int sent = 0;
      int got = 0;
      while (going.get() || got < sent) {
        if (going.get() && sent - got <= RECEIVE_MAXIMUM - BATCH) {
          byte[][] batch = new byte[BATCH][];
          for (int i = 0; i < BATCH; i++) {
            batch[i] = Wire.publish5(sent++ % RECEIVE_MAXIMUM + 1, "rooms/" + clientId, FILLING);
          }
          client.send(batch);
        } else {
          Packet packet = client.next();
          // In the order of the PUBLISH packets (4.6)
          assertThat(packet)
              .isEqualTo(new Packet(MqttMessageType.PUBACK, got++ % RECEIVE_MAXIMUM + 1, ""));
          acknowledged.incrementAndGet();
        }
      }
      return got;
    }
  }

  /** Leaves a session that is subscribed, while the router still answers. */
  private static void subscribe(int port, String clientId) throws IOException {
    try (PlainClient client = PlainClient.connect(port, Wire.resume5(clientId))) {
      String[] addresses = addresses(clientId, "kept", ADDRESSES);
      client.send(Wire.subscribe5(1, filters(addresses)));
      assertThat(client.next().type()).isEqualTo(MqttMessageType.SUBACK);
      client.send(Wire.disconnect());
    }
  }

  /** Connects, subscribes, unsubscribes and disconnects again and again; how often. */
  private int comeAndGo(int port, String clientId) throws IOException {
    int rounds = 0;
    while (going.get()) {
      try (PlainClient client = PlainClient.attempt(port, Wire.resume5(clientId))) {
        if (client.answer() != 0) {
          LockSupport.parkNanos(PAUSE_NANOS);
          continue;
        }
        String[] passing = addresses(clientId, Integer.toString(rounds++), PASSING_ADDRESSES);
        client.send(Wire.subscribe5(1, filters(passing)), Wire.unsubscribe5(2, passing));
        client.next();
        client.next();
        client.send(Wire.disconnect());
      }
    }
    return rounds;
  }

  /** The reason code for one who comes now. */
  private static int answer(int port) throws IOException {
    try (PlainClient client = PlainClient.attempt(port, Wire.connect5("late"))) {
      return client.answer();
    }
  }

  private static String[] addresses(String clientId, String name, int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> "restless/%s/%s/%d/%s".formatted(clientId, name, i, LONG))
        .toArray(String[]::new);
  }

  private static byte[][] filters(String[] addresses) {
    return Stream.of(addresses).map(each -> Wire.filter(each, 1)).toArray(byte[][]::new);
  }

  private interface Task {
    int run() throws Exception;
  }

  private static CompletableFuture<Integer> inBackground(Task task) {
    CompletableFuture<Integer> done = new CompletableFuture<>();
    Thread.startVirtualThread(
        () -> {
          try {
            done.complete(task.run());
          } catch (Throwable e) {
            done.completeExceptionally(e);
          }
        });
    return done;
  }
}
