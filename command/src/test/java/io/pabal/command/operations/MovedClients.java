// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.operations;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.awaitility.Awaitility;

/** Clients that exchange messages over many addresses, and so over all partitions. */
final class MovedClients {

  private static final int ADDRESSES = 24;

  private MovedClients() {}

  /** Publishes so many messages and waits until each has come. */
  static void exchange(int port, int messages) {
    Set<String> arrived = ConcurrentHashMap.newKeySet();
    Mqtt5BlockingClient client =
        Mqtt5Client.builder()
            .identifier("moved")
            .serverHost("127.0.0.1")
            .serverPort(port)
            .buildBlocking();
    client
        .toAsync()
        .publishes(
            MqttGlobalPublishFilter.ALL,
            publish ->
                arrived.add(new String(publish.getPayloadAsBytes(), StandardCharsets.UTF_8)));
    client.connect();
    for (int i = 0; i < ADDRESSES; i++) {
      client.subscribeWith().topicFilter("moved/" + i).qos(MqttQos.AT_LEAST_ONCE).send();
    }
    for (int i = 0; i < messages; i++) {
      client
          .publishWith()
          .topic("moved/" + i % ADDRESSES)
          .qos(MqttQos.AT_LEAST_ONCE)
          .payload(Integer.toString(i).getBytes(StandardCharsets.UTF_8))
          .send();
    }
    Awaitility.await()
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(() -> assertThat(arrived).hasSize(messages));
    client.disconnect();
  }
}
