// SPDX-License-Identifier: Apache-2.0
package io.pabal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pabal.embedded.FreePort;
import io.pabal.endtoend.Clients.Subscriber;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./pabal up} with Paho's libraries: its starts and its ends. */
class UpCommandTest {

  private static final String[] ON_REDIS_CLUSTER = {
    "--partitions", "3", "--redis-primaries", "3", "--redis-replicas", "1", "--redis-port", "0"
  };

  @TempDir Path directory;

  @BeforeEach
  void requireBuild() {
    UpProcess.assumeBuilt();
  }

  /** One start for what can be seen of it, one after the other: each takes many seconds. */
  @Test
  void shouldEndWholeAndKeepSessionsForAStartWithTheSamePartitions() throws Exception {
    List<String> received = new CopyOnWriteArrayList<>();
    List<ProcessHandle> processes;
    try (UpProcess up = UpProcess.start(directory, ON_REDIS_CLUSTER)) {
      processes = up.processes();
      try (MqttClient subscriber = paho3(up.port, "paho", received)) {
        subscriber.subscribe("users/paho", 1);
        publishWithPaho5(up.port, "users/paho", "live");
        await().untilAsserted(() -> assertThat(received).containsExactly("live"));
        subscriber.disconnect();
      }
      publishWithPaho5(up.port, "users/paho", "while away");
      Subscriber client = Clients.persistent(up.port, "client", true);
      client.subscribe("rooms/1");

      up.terminate();

      assertThat(up.exitCode()).isIn(0, 143);
    }
    assertThat(processes).as("pabal and six nodes of Redis").hasSizeGreaterThan(6);
    await().untilAsserted(() -> assertThat(processes).noneMatch(ProcessHandle::isAlive));

    try (UpProcess other = UpProcess.launch(directory, FreePort.find(), "--partitions", "3")) {
      assertThat(other.exitCode()).isEqualTo(2);
      assertThat(other.errors())
          .contains("--redis-primaries: one Redis (expected: 3 primaries, 1 replica each");
    }

    try (UpProcess other =
        UpProcess.launch(
            directory,
            FreePort.find(),
            Arrays.copyOfRange(ON_REDIS_CLUSTER, 2, ON_REDIS_CLUSTER.length))) {
      assertThat(other.exitCode()).isEqualTo(1);
      assertThat(other.errors())
          .contains("messages: 3 partitions (expected: 12, which topics.partitions says)")
          .contains("(pabal up: --partitions) to 3");
    }

    try (UpProcess again = UpProcess.start(directory, ON_REDIS_CLUSTER);
        MqttClient subscriber = paho3(again.port, "paho", received)) {
      await().untilAsserted(() -> assertThat(received).containsExactly("live", "while away"));
      subscriber.disconnect();
      assertThat(again.log()).doesNotContain("LEAK:");
    }
  }

  @Test
  void shouldRefuseAPortInUseBeforeAnythingStarts() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        UpProcess up = UpProcess.launch(directory, taken.getLocalPort())) {
      assertThat(up.exitCode()).isEqualTo(2);
      assertThat(up.errors())
          .contains("--port: " + taken.getLocalPort())
          .contains("expected: a free port");
      assertThat(directory.resolve("data/kafka")).doesNotExist();
      assertThat(directory.resolve("data/redis")).doesNotExist();
    }
  }

  private static MqttClient paho3(int port, String clientId, List<String> received)
      throws Exception {
    MqttClient client =
        new MqttClient("tcp://127.0.0.1:" + port, clientId, new MemoryPersistence());
    MqttConnectOptions options = new MqttConnectOptions();
    options.setCleanSession(false);
    client.setCallback(
        new org.eclipse.paho.client.mqttv3.MqttCallback() {
          @Override
          public void messageArrived(
              String topic, org.eclipse.paho.client.mqttv3.MqttMessage message) {
            received.add(new String(message.getPayload(), StandardCharsets.UTF_8));
          }

          @Override
          public void connectionLost(Throwable cause) {}

          @Override
          public void deliveryComplete(org.eclipse.paho.client.mqttv3.IMqttDeliveryToken token) {}
        });
    client.connect(options);
    return client;
  }

  private static void publishWithPaho5(int port, String topic, String text) throws Exception {
    var client =
        new org.eclipse.paho.mqttv5.client.MqttClient(
            "tcp://127.0.0.1:" + port,
            "paho5",
            new org.eclipse.paho.mqttv5.client.persist.MemoryPersistence());
    try {
      client.connect(new MqttConnectionOptions());
      client.publish(
          topic,
          new org.eclipse.paho.mqttv5.common.MqttMessage(
              text.getBytes(StandardCharsets.UTF_8), 1, false, null));
      client.disconnect();
    } finally {
      client.close();
    }
  }
}
