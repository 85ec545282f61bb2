// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.config;

import io.pabal.command.config.setting.Key;
import io.pabal.command.config.setting.Settings;
import io.pabal.command.config.setting.ValueType;
import io.pabal.connector.ConnectorConfig.Limits;
import io.pabal.connector.ConnectorConfig.Sockets;
import java.time.Duration;
import java.util.List;

/** The keys of the limits and intervals of MQTT clients and their sessions. */
final class MqttKeys {

  private static final Limits DEFAULTS = Limits.defaults();
  private static final long YEAR_SECONDS = Duration.ofDays(365).toSeconds();

  static final Key<Integer> PACKET_BYTES_MAX =
      Key.of(
          "mqtt.packetBytesMax",
          ValueType.integer(1_024, 268_435_460),
          DEFAULTS.packetBytesMax(),
          "The largest MQTT packet taken.");

  static final Key<Integer> RECEIVE_MAX =
      Key.of(
          "mqtt.receiveMax",
          ValueType.integer(1, 65_535),
          DEFAULTS.receiveMax(),
          "QoS 1 publishes that one client may have unacknowledged.");

  static final Key<Integer> IN_FLIGHT_MAX =
      Key.of(
          "mqtt.inFlightMax",
          ValueType.integer(1, 65_535),
          DEFAULTS.inFlightMax(),
          "QoS 1 deliveries that one session may have unacknowledged.");

  static final Key<Integer> CLIENT_ID_BYTES_MAX =
      Key.of(
          "mqtt.clientIdBytesMax",
          ValueType.integer(23, 65_535),
          DEFAULTS.clientIdBytesMax(),
          "The longest client identifier.");

  static final Key<Integer> ADDRESS_BYTES_MAX =
      Key.of(
          "mqtt.addressBytesMax",
          ValueType.integer(1, 65_535),
          DEFAULTS.addressBytesMax(),
          "The longest address.");

  static final Key<Integer> SUBSCRIPTIONS_MAX =
      Key.of(
          "mqtt.subscriptionsMax",
          ValueType.integer(1, 1_000_000),
          DEFAULTS.subscriptionsMax(),
          "Subscriptions of one session.");

  static final Key<Duration> CONNECT_TIMEOUT =
      Key.of(
          "mqtt.connectTimeoutSeconds",
          ValueType.seconds(1, 3_600),
          DEFAULTS.connectTimeout(),
          "How long a new connection may take to send CONNECT.");

  static final Key<Duration> KEEP_ALIVE_MAX =
      Key.of(
          "mqtt.keepAliveMaxSeconds",
          ValueType.seconds(0, 65_535),
          DEFAULTS.keepAliveMax(),
          "The longest Keep Alive, also of MQTT 3.1.1 clients and of those that ask for none; 0: no"
              + " limit.");

  static final Key<Duration> SESSION_EXPIRY_MAX =
      Key.of(
          "mqtt.sessionExpiryMaxSeconds",
          ValueType.seconds(0, YEAR_SECONDS),
          DEFAULTS.sessionExpiryMax(),
          "The longest Session Expiry Interval granted.");

  static final Key<Duration> SESSION_EXPIRY_V311 =
      Key.of(
          "mqtt.sessionExpiryV311Seconds",
          ValueType.seconds(0, YEAR_SECONDS),
          DEFAULTS.sessionExpiryV311(),
          "How long a persistent session of an MQTT 3.1.1 client is kept.");

  static final Key<Duration> SUBSCRIBE_TIMEOUT =
      Key.of(
          "mqtt.subscribeTimeoutSeconds",
          ValueType.seconds(1, 3_600),
          DEFAULTS.subscribeTimeout(),
          "How long the router may take to activate a subscription before the SUBACK says that it"
              + " failed.");

  static final Key<Duration> CHECKPOINT_INTERVAL =
      Key.of(
          "mqtt.checkpointIntervalSeconds",
          ValueType.seconds(1, 3_600),
          DEFAULTS.checkpointInterval(),
          "The time within which the cursors of a session that moved are written to Redis.");

  static final Key<Integer> CHECKPOINTS_PER_SECOND_MAX =
      Key.of(
          "mqtt.checkpointsPerSecondMax",
          ValueType.integer(1, 10_000_000),
          DEFAULTS.checkpointsPerSecondMax(),
          "Sessions whose cursors are written to Redis a second; when more move, it takes longer than mqtt.checkpointIntervalSeconds.");

  static final Key<Duration> PROGRESS_INTERVAL =
      Key.of(
          "mqtt.progressIntervalSeconds",
          ValueType.seconds(1, 86_400),
          DEFAULTS.progressInterval(),
          "How often at most each session that moved tells its cursors in the topic sessions.");

  static final Key<Integer> QOS0_BUFFER_BYTES_MAX =
      Key.of(
          "mqtt.qos0BufferBytesMax",
          ValueType.integer(0, 67_108_864),
          DEFAULTS.sockets().qos0BufferBytesMax(),
          "Bytes of QoS 0 messages that wait for the full socket of one client.");

  static final Key<Long> QOS0_BUFFERS_BYTES_MAX =
      Key.of(
          "mqtt.qos0BuffersBytesMax",
          ValueType.wholeNumber(0, 17_179_869_184L),
          DEFAULTS.sockets().qos0BuffersBytesMax(),
          "The same over all clients of the connector.");

  static final Key<Integer> UNCONNECTED_MAX =
      Key.of(
          "mqtt.unconnectedMax",
          ValueType.integer(1, 1_000_000),
          DEFAULTS.sockets().unconnectedMax(),
          "Connections that have not sent CONNECT; beyond it the oldest of them is closed.");

  static final Key<Long> DIRECT_MEMORY =
      Key.optional(
          "mqtt.directMemoryBytes",
          ValueType.wholeNumber(16L << 20, 1L << 40),
          256L << 20,
          "Memory outside the heap that buffers of sockets may use; not set: a quarter of the heap, at least 64 MiB.");

  static final Key<Long> RING_BYTES_MAX =
      Key.optional(
          "mqtt.ringBytesMax",
          ValueType.wholeNumber(0, 1L << 40),
          64L << 20,
          "Bytes of recent deliveries kept in memory for sessions that fall behind; 0: none; not set: a 32nd of the heap.");

  static final List<Key<?>> ALL =
      List.of(
          PACKET_BYTES_MAX,
          RECEIVE_MAX,
          IN_FLIGHT_MAX,
          CLIENT_ID_BYTES_MAX,
          ADDRESS_BYTES_MAX,
          SUBSCRIPTIONS_MAX,
          CONNECT_TIMEOUT,
          KEEP_ALIVE_MAX,
          SESSION_EXPIRY_MAX,
          SESSION_EXPIRY_V311,
          SUBSCRIBE_TIMEOUT,
          CHECKPOINT_INTERVAL,
          CHECKPOINTS_PER_SECOND_MAX,
          PROGRESS_INTERVAL,
          QOS0_BUFFER_BYTES_MAX,
          QOS0_BUFFERS_BYTES_MAX,
          UNCONNECTED_MAX,
          DIRECT_MEMORY,
          RING_BYTES_MAX);

  private MqttKeys() {}

  static Limits limits(Settings settings) {
    return new Limits(
        settings.get(PACKET_BYTES_MAX),
        settings.get(RECEIVE_MAX),
        settings.get(IN_FLIGHT_MAX),
        settings.get(CLIENT_ID_BYTES_MAX),
        settings.get(ADDRESS_BYTES_MAX),
        settings.get(SUBSCRIPTIONS_MAX),
        settings.get(CONNECT_TIMEOUT),
        settings.get(KEEP_ALIVE_MAX),
        settings.get(SESSION_EXPIRY_MAX),
        settings.get(SESSION_EXPIRY_V311),
        settings.get(SUBSCRIBE_TIMEOUT),
        settings.get(CHECKPOINT_INTERVAL),
        settings.get(PROGRESS_INTERVAL),
        settings.get(CHECKPOINTS_PER_SECOND_MAX),
        new Sockets(
            settings.get(QOS0_BUFFER_BYTES_MAX),
            settings.get(QOS0_BUFFERS_BYTES_MAX),
            settings.get(UNCONNECTED_MAX)));
  }
}
