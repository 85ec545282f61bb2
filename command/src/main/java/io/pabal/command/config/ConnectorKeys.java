// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.config;

import io.pabal.command.config.setting.AddressTypes;
import io.pabal.command.config.setting.Key;
import io.pabal.command.config.setting.Problems;
import io.pabal.command.config.setting.Settings;
import io.pabal.command.config.setting.ValueType;
import io.pabal.connector.ConnectorConfig;
import io.pabal.connector.ConnectorConfig.Kafka;
import io.pabal.connector.ConnectorConfig.Listener;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The keys of a connector. */
public final class ConnectorKeys {

  private static final Kafka DEFAULTS = Kafka.defaults("127.0.0.1:9092");

  static final Key<String> ID =
      Key.required(
          "connector.id",
          ValueType.text("[A-Za-z0-9_-]{1,200}", "1-200 letters, digits, - and _"),
          "c1",
          "The stable connector id, different for every connector; a topic is named after it.");

  static final Key<String> HOST =
      Key.of(
          "listener.host",
          AddressTypes.HOST,
          "127.0.0.1",
          "The address that clients connect to; 0.0.0.0 for all of this machine.");

  static final Key<Integer> PORT =
      Key.of("listener.port", ValueType.integer(1, 65_535), 1_883, "The TCP port for MQTT.");

  static final Key<Boolean> ANONYMOUS =
      Key.optional(
          "listener.anonymous",
          ValueType.BOOLEAN,
          true,
          "Whether any user name is let in without a password; not set: only when listener.host is loopback.");

  static final Key<Duration> APPEND_TIMEOUT =
      Key.of(
          "kafka.appendTimeoutSeconds",
          ValueType.seconds(1, 3_600),
          DEFAULTS.appendTimeout(),
          "How long Kafka may take to acknowledge a message before its publisher's connection is closed.");

  static final Key<Long> APPEND_BYTES_MAX =
      Key.of(
          "kafka.appendBytesMax",
          ValueType.wholeNumber(1 << 20, 1L << 36),
          DEFAULTS.appendBytesMax(),
          "Bytes of messages on their way to Kafka; beyond it nothing more is read from publishing sockets.");

  static final Key<Duration> LOCATION_REFRESH =
      Key.of(
          "locations.refreshSeconds",
          ValueType.seconds(0, 86_400),
          DEFAULTS.locationRefresh(),
          "How often every feed with subscribers is announced to the router once more; 0: never.");

  static final Key<Integer> DELIVERY_PARTITIONS =
      Key.of(
          "topics.deliveryPartitions",
          ValueType.integer(1, 1_000),
          DEFAULTS.deliveryPartitions(),
          "Partitions of this connector's own deliveries topic, when it is created.");

  static final List<Key<?>> ALL =
      Stream.of(
              List.<Key<?>>of(
                  ID,
                  HOST,
                  PORT,
                  ANONYMOUS,
                  SharedKeys.BOOTSTRAP_SERVERS,
                  SharedKeys.REPLICATION_FACTOR,
                  APPEND_TIMEOUT,
                  APPEND_BYTES_MAX),
              RedisKeys.ALL,
              List.<Key<?>>of(
                  SharedKeys.PARTITIONS,
                  SharedKeys.PREFIX_LEVELS,
                  SharedKeys.MESSAGE_RETENTION,
                  DELIVERY_PARTITIONS,
                  LOCATION_REFRESH),
              SharedKeys.REGISTRY,
              MqttKeys.ALL,
              DrainKeys.ALL,
              AdmissionKeys.ALL,
              TracingKeys.ALL,
              HttpKeys.with(HttpKeys.OF_CONNECTOR))
          .<Key<?>>flatMap(List::stream)
          .toList();

  private ConnectorKeys() {}

  /** The connector's configuration. */
  public static ConnectorConfig config(Settings settings) {
    ConnectorConfig config =
        new ConnectorConfig(
            settings.get(ID),
            new Listener(settings.get(HOST), settings.get(PORT), anonymous(settings)),
            new Kafka(
                settings.get(SharedKeys.BOOTSTRAP_SERVERS),
                SharedKeys.topics(settings),
                settings.get(DELIVERY_PARTITIONS),
                SharedKeys.replicationFactor(settings),
                settings.get(APPEND_TIMEOUT),
                settings.get(APPEND_BYTES_MAX),
                settings.get(LOCATION_REFRESH),
                SharedKeys.registry(settings)),
            RedisKeys.uri(settings),
            MqttKeys.limits(settings),
            DrainKeys.drain(settings),
            AdmissionKeys.admission(settings));
    return settings.find(MqttKeys.RING_BYTES_MAX).map(config::withRingBytesMax).orElse(config);
  }

  /**
   * The bytes of memory outside the heap that buffers of sockets may use. When empty, the limit
   * depends on the size of the JVM's heap.
   */
  public static Optional<Long> directMemoryBytes(Settings settings) {
    return settings.find(MqttKeys.DIRECT_MEMORY);
  }

  static void check(Settings settings, Problems problems) {
    SharedKeys.checkRegistry(settings, problems);
    RedisKeys.check(settings, problems);
    AdmissionKeys.check(settings, problems);
    if (!anonymous(settings)) {
      problems.add(
          ANONYMOUS,
          settings.place(ANONYMOUS),
          settings.find(ANONYMOUS).map(Object::toString).orElse("not set"),
          "true, which lets in anyone who reaches listener.host " + settings.get(HOST));
    }
  }

  private static boolean anonymous(Settings settings) {
    return settings.find(ANONYMOUS).orElseGet(() -> isLoopback(settings.get(HOST)));
  }

  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
