// SPDX-License-Identifier: Apache-2.0
package io.pabal.endtoend;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.Mqtt5ClientBuilder;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.lettuce.core.cluster.api.sync.RedisClusterCommands;
import io.pabal.connector.fixture.Patience;
import io.pabal.sessioncache.session.SessionKeys;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** HiveMQ's MQTT 5 client, with what the tests ask of it again and again. */
final class Clients {

  private Clients() {}

  /** A subscriber that keeps the texts it got, in order. */
  static final class Subscriber {
    final Mqtt5AsyncClient client;
    final List<String> received = new CopyOnWriteArrayList<>();
    final AtomicReference<@Nullable Throwable> disconnectedBy = new AtomicReference<>();
    boolean sessionPresent;

    private Subscriber(int port, String clientId) {
      client =
          builder(port, clientId)
              .addDisconnectedListener(context -> disconnectedBy.set(context.getCause()))
              .buildAsync();
    }

    void subscribe(String address) throws Exception {
      await(client.subscribeWith().topicFilter(address).qos(MqttQos.AT_LEAST_ONCE).send());
    }

    void disconnect() throws Exception {
      await(client.disconnect());
    }

    /**
     * Disconnects and waits until the connector has released the session. Who returns before takes
     * it over, and may get again what was acknowledged last.
     */
    void leave(RedisClusterCommands<String, String> redis) throws Exception {
      disconnect();
      var clientId = client.getConfig().getClientIdentifier().orElseThrow();
      Awaitility.await()
          .until(() -> "".equals(redis.hget(SessionKeys.session(clientId.toString()), "owner")));
    }
  }

  /** A client that is not connected yet. */
  static Mqtt5AsyncClient client(int port, String clientId) {
    return builder(port, clientId).buildAsync();
  }

  static Mqtt5AsyncClient connect(int port, String clientId) throws Exception {
    Mqtt5AsyncClient client = client(port, clientId);
    await(client.connectWith().cleanStart(true).keepAlive(60).send());
    return client;
  }

  /** A subscriber whose session outlives its connection by an hour. */
  static Subscriber persistent(int port, String clientId, boolean cleanStart) throws Exception {
    Subscriber subscriber = new Subscriber(port, clientId);
    subscriber.client.publishes(
        MqttGlobalPublishFilter.ALL, publish -> subscriber.received.add(text(publish)));
    var connAck =
        await(
            subscriber
                .client
                .connectWith()
                .cleanStart(cleanStart)
                .sessionExpiryInterval(3600)
                .keepAlive(60)
                .send());
    subscriber.sessionPresent = connAck.isSessionPresent();
    return subscriber;
  }

  static CompletableFuture<?> publish(Mqtt5AsyncClient client, String address, String text) {
    return client
        .publishWith()
        .topic(address)
        .qos(MqttQos.AT_LEAST_ONCE)
        .payload(text.getBytes(StandardCharsets.UTF_8))
        .send();
  }

  static String text(Mqtt5Publish publish) {
    return new String(publish.getPayloadAsBytes(), StandardCharsets.UTF_8);
  }

  static <T> T await(CompletableFuture<T> future) throws Exception {
    return Patience.get(future);
  }

  private static Mqtt5ClientBuilder builder(int port, String clientId) {
    return Mqtt5Client.builder().identifier(clientId).serverHost("127.0.0.1").serverPort(port);
  }
}
