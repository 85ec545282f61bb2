// SPDX-License-Identifier: Apache-2.0
package io.pabal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.mqtt.MqttMessageType;
import io.pabal.connector.ConnectorConfig;
import io.pabal.connector.fixture.Patience;
import io.pabal.connector.fixture.Wire;
import io.pabal.endtoend.PlainClient.Packet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Subscribers that stop reading, or never acknowledge, while 25,000 messages arrive for them: they
 * cost constant memory, harm nobody else, and get everything when they go on.
 */
class StuckConsumerTest {

  private static final String ADDRESS = "rooms/stuck";
  private static final int MESSAGES = 25_000;
  private static final String FILLING = "x".repeat(2_100);

  /** Of each kind. One session is sent 53 MiB, so one alone could not be kept. */
  private static final int STUCK = 12;

  /** Heap of the connector, and as much outside of it. */
  private static final int MEMORY_MIB = 48;

  /** The listener's high water mark: beyond it nothing more is written to a socket. */
  private static final long WRITE_BUFFER_BYTES_MAX = 64L << 10;

  /** What is kept of a message in flight: its position and packet identifier, no payload. */
  private static final long IN_FLIGHT_BYTES_MAX = 128;

  /** A full socket, in buffers of up to twice the size, and a full in-flight window. */
  private static final long STUCK_SESSION_BYTES_MAX =
      2 * WRITE_BUFFER_BYTES_MAX
          + ConnectorConfig.Limits.defaults().inFlightMax() * IN_FLIGHT_BYTES_MAX;

  /** QoS 0 messages that wait for a full socket, in buffers of up to twice the size. */
  private static final long STUCK_AT_QOS_0_BYTES_MAX =
      2L * ConnectorConfig.Limits.defaults().sockets().qos0BufferBytesMax();

  private static final long KEPT_BYTES_MAX =
      2 * STUCK * STUCK_SESSION_BYTES_MAX + STUCK * STUCK_AT_QOS_0_BYTES_MAX;

  /**
   * So small that it is full before the socket is: together 42 KB, below {@link
   * #WRITE_BUFFER_BYTES_MAX}. A session whose socket was full first is read for only when a quarter
   * of its window is free, and would not get as many without an acknowledgement.
   */
  private static final int RECEIVE_MAXIMUM = 20;

  /** The publisher is never farther ahead of the healthy subscriber: less than its window. */
  private static final int AHEAD_MAX = 768;

  private static final int BATCH = 256;
  private static final long TIMEOUT_SECONDS = Patience.MAX.toSeconds();

  @TempDir Path data;

  @Test
  void shouldKeepNothingForStuckSubscribersAndSendThemEverythingLater() throws Exception {
    List<PlainClient> stuck = new ArrayList<>();
    try (Pipeline pipeline = Pipeline.start(data, 0);
        ConnectorProcess connector =
            ConnectorProcess.start(
                data, "c1", MEMORY_MIB, pipeline.bootstrapServers(), pipeline.redisUri());
        PlainClient notReading = subscribed(connector, "not-reading", 1);
        PlainClient notAcknowledging =
            subscribed(connector, "not-acknowledging", 1, Wire.receiveMaximum(RECEIVE_MAXIMUM));
        PlainClient healthy = subscribed(connector, "healthy", 1)) {
      for (int i = 0; i < STUCK; i++) {
        stuck.add(subscribed(connector, "stuck-" + i, 1));
        stuck.add(subscribed(connector, "stuck-qos0-" + i, 0));
      }
      long bytesBefore = connector.memory().bytes();

      Semaphore room = new Semaphore(AHEAD_MAX);
      var live = inBackground(() -> receive(healthy, 0, MESSAGES, room));
      publishAll(connector.port, room);
      live.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
      List<Integer> unacknowledged = receiveWithoutAcknowledging(notAcknowledging, RECEIVE_MAXIMUM);

      long bytesKept = connector.memory().bytes() - bytesBefore;
      System.out.printf(
          "StuckConsumerTest: kept %d bytes for %d stuck sessions%n", bytesKept, stuck.size() + 2);
      assertThat(bytesKept).isLessThan(KEPT_BYTES_MAX);

      for (int packetId : unacknowledged) {
        notAcknowledging.acknowledge(packetId);
      }
      var reads = inBackground(() -> receive(notReading, 0, MESSAGES, new Semaphore(0)));
      receive(notAcknowledging, RECEIVE_MAXIMUM, MESSAGES, new Semaphore(0));
      reads.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
      assertThat(connector.memory().bytes() - bytesBefore).isLessThan(KEPT_BYTES_MAX);
    } finally {
      for (PlainClient each : stuck) {
        each.close();
      }
    }
  }

  private static PlainClient subscribed(
      ConnectorProcess connector, String clientId, int qos, byte[]... properties)
      throws IOException {
    PlainClient client = PlainClient.connect(connector.port, Wire.resume5(clientId, properties));
    client.send(Wire.subscribe5(1, Wire.filter(ADDRESS, qos)));
    assertThat(client.next().type()).isEqualTo(MqttMessageType.SUBACK);
    return client;
  }

  private static void publishAll(int port, Semaphore room) throws Exception {
    try (PlainClient publisher = PlainClient.connect(port, Wire.connect5("publisher"))) {
      int acknowledged = 0;
      for (int sent = 0; sent < MESSAGES; sent += BATCH) {
        assertThat(room.tryAcquire(BATCH, TIMEOUT_SECONDS, TimeUnit.SECONDS))
            .as("room for %d", sent)
            .isTrue();
        byte[][] batch = new byte[Math.min(BATCH, MESSAGES - sent)][];
        for (int i = 0; i < batch.length; i++) {
          int packetId = (sent + i) % AHEAD_MAX + 1;
          batch[i] = Wire.publish5(packetId, ADDRESS, sent + i + ":" + FILLING);
        }
        publisher.send(batch);
        for (; acknowledged < sent; acknowledged++) {
          assertThat(publisher.next().type()).isEqualTo(MqttMessageType.PUBACK);
        }
      }
      for (; acknowledged < MESSAGES; acknowledged++) {
        assertThat(publisher.next().type()).isEqualTo(MqttMessageType.PUBACK);
      }
    }
  }

  /** The messages from {@code first} up to but without {@code end}: all, in order, each once. */
  private static void receive(PlainClient client, int first, int end, Semaphore received)
      throws IOException {
    for (int i = first; i < end; i++) {
      client.acknowledge(expect(client, i));
      received.release();
    }
  }

  private static List<Integer> receiveWithoutAcknowledging(PlainClient client, int count)
      throws IOException {
    List<Integer> packetIds = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      packetIds.add(expect(client, i));
    }
    return packetIds;
  }

  private static int expect(PlainClient client, int number) throws IOException {
    Packet packet = client.next();
    assertThat(packet.type()).isEqualTo(MqttMessageType.PUBLISH);
    assertThat(packet.payload()).startsWith(number + ":");
    return packet.packetId();
  }

  private interface Task {
    void run() throws Exception;
  }

  private static CompletableFuture<Void> inBackground(Task task) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    Thread.startVirtualThread(
        () -> {
          try {
            task.run();
            done.complete(null);
          } catch (Throwable e) {
            done.completeExceptionally(e);
          }
        });
    return done;
  }
}
