// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.client;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.lifecycle.Mqtt5ClientConnectedContext;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.pabal.chaos.history.MessagePosition;
import io.pabal.chaos.history.Packet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A link for MQTT 5 that requests positions. */
final class Mqtt5Link implements Link {

  private static final String POSITIONS_WANTED = "pabal-positions";
  private static final String POSITION = "pabal-position";

  private final Options options;
  private final LinkListener listener;
  private final Mqtt5AsyncClient client;

  Mqtt5Link(Options options, LinkListener listener) {
    this.options = options;
    this.listener = listener;
    this.client =
        Mqtt5Client.builder()
            .identifier(options.clientId())
            .transportConfig()
            .serverHost("127.0.0.1")
            .serverPort(options.port())
            .mqttConnectTimeout(CONNECT_TIMEOUT_SECONDS, TimeUnit.SECONDS)
            .applyTransportConfig()
            .addConnectedListener(
                context ->
                    listener.connected(
                        ((Mqtt5ClientConnectedContext) context).getConnAck().isSessionPresent()))
            .addDisconnectedListener(context -> listener.disconnected(Causes.of(context)))
            .buildAsync();
  }

  @Override
  public CompletableFuture<?> connect() {
    if (options.persistent()) {
      client.publishes(MqttGlobalPublishFilter.ALL, this::arrived, true);
    }
    return client
        .connectWith()
        .cleanStart(options.cleanStart())
        .sessionExpiryInterval(options.persistent() ? SESSION_EXPIRY_SECONDS : 0)
        .keepAlive(options.keepAliveSeconds())
        .restrictions()
        .receiveMaximum(options.receiveMax())
        .applyRestrictions()
        .userProperties()
        .add(POSITIONS_WANTED, "on")
        .applyUserProperties()
        .send();
  }

  @Override
  public CompletableFuture<?> subscribe(String address) {
    return client.subscribeWith().topicFilter(address).qos(MqttQos.AT_LEAST_ONCE).send();
  }

  @Override
  public CompletableFuture<?> unsubscribe(String address) {
    return client.unsubscribeWith().topicFilter(address).send();
  }

  @Override
  public CompletableFuture<?> publish(String address, byte[] payload) {
    return client
        .publishWith()
        .topic(address)
        .qos(MqttQos.AT_LEAST_ONCE)
        .payload(payload)
        .send()
        .thenCompose(
            result ->
                result
                    .getError()
                    .<CompletableFuture<?>>map(CompletableFuture::failedFuture)
                    .orElseGet(() -> CompletableFuture.completedFuture(null)));
  }

  @Override
  public void disconnect() {
    var _ = client.disconnect();
  }

  private void arrived(Mqtt5Publish publish) {
    listener.arrived(
        publish.getTopic().toString(),
        Packet.ofPayload(publish.getPayloadAsBytes()),
        position(publish),
        publish::acknowledge);
  }

  private static @Nullable MessagePosition position(Mqtt5Publish publish) {
    return publish.getUserProperties().asList().stream()
        .filter(property -> property.getName().toString().equals(POSITION))
        .map(property -> MessagePosition.parse(property.getValue().toString()))
        .findFirst()
        .orElse(null);
  }
}
