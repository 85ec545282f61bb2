// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.client;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3AsyncClient;
import com.hivemq.client.mqtt.mqtt3.Mqtt3Client;
import com.hivemq.client.mqtt.mqtt3.lifecycle.Mqtt3ClientConnectedContext;
import io.pabal.chaos.history.Packet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A link for MQTT 3.1.1. This version has no positions, and the connector decides the session
 * expiry.
 */
final class Mqtt3Link implements Link {

  private final Options options;
  private final LinkListener listener;
  private final Mqtt3AsyncClient client;

  Mqtt3Link(Options options, LinkListener listener) {
    this.options = options;
    this.listener = listener;
    this.client =
        Mqtt3Client.builder()
            .identifier(options.clientId())
            .transportConfig()
            .serverHost("127.0.0.1")
            .serverPort(options.port())
            .mqttConnectTimeout(CONNECT_TIMEOUT_SECONDS, TimeUnit.SECONDS)
            .applyTransportConfig()
            .addConnectedListener(
                context ->
                    listener.connected(
                        ((Mqtt3ClientConnectedContext) context).getConnAck().isSessionPresent()))
            .addDisconnectedListener(context -> listener.disconnected(Causes.of(context)))
            .buildAsync();
  }

  @Override
  public CompletableFuture<?> connect() {
    if (options.persistent()) {
      client.publishes(
          MqttGlobalPublishFilter.ALL,
          publish ->
              listener.arrived(
                  publish.getTopic().toString(),
                  Packet.ofPayload(publish.getPayloadAsBytes()),
                  null,
                  publish::acknowledge),
          true);
    }
    return client
        .connectWith()
        .cleanSession(!options.persistent())
        .keepAlive(options.keepAliveSeconds())
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
    return client.publishWith().topic(address).qos(MqttQos.AT_LEAST_ONCE).payload(payload).send();
  }

  @Override
  public void disconnect() {
    var _ = client.disconnect();
  }
}
