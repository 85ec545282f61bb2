// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.config;

import io.pabal.command.config.setting.AddressTypes;
import io.pabal.command.config.setting.Key;
import io.pabal.command.config.setting.Problems;
import io.pabal.command.config.setting.Settings;
import io.pabal.command.config.setting.ValueType;
import io.pabal.schemas.registry.RegistryConfig;
import io.pabal.schemas.topic.Feeds;
import io.pabal.schemas.topic.TopicCatalogue;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The keys that several roles have. */
final class SharedKeys {

  static final Key<String> BOOTSTRAP_SERVERS =
      Key.required(
          "kafka.bootstrapServers",
          AddressTypes.SERVERS,
          "127.0.0.1:9092",
          "Some brokers of the Kafka cluster.");

  static final Key<Integer> REPLICATION_FACTOR =
      Key.of(
          "kafka.replicationFactor",
          ValueType.integer(-1, Short.MAX_VALUE),
          -1,
          "Replicas of topics that are created; -1 takes the broker's default.");

  static final Key<Integer> PARTITIONS =
      Key.of(
          "topics.partitions",
          ValueType.integer(1, 10_000),
          TopicCatalogue.PARTITIONS_DEFAULT,
          "Partitions of messages and locations. Fixed for life, and the same for every role.");

  static final Key<Integer> PREFIX_LEVELS =
      Key.of(
          "topics.prefixLevels",
          ValueType.integer(0, Feeds.PREFIX_LEVELS_MAX),
          Feeds.PREFIX_LEVELS_DEFAULT,
          "Levels of an address that make its prefix, which has an order and a cursor of its own; 0: the whole address. Fixed for life, and the same for every role.");

  static final Key<Duration> MESSAGE_RETENTION =
      Key.of(
          "topics.messageRetentionHours",
          ValueType.hours(1, 87_600),
          TopicCatalogue.MESSAGE_RETENTION_DEFAULT,
          "How long messages are kept, when the topic is created.");

  static final Key<URI> REGISTRY_URL =
      Key.optional(
          "schema.registry.url",
          AddressTypes.HTTP_URI,
          URI.create("http://127.0.0.1:8081"),
          "The schema registry that gives the ids of schemas, the same for every role; USER:PASSWORD@ for basic authentication. Not set: ids are fixed.");

  static final Key<Boolean> REGISTRY_AUTO_REGISTER =
      Key.of(
          "schema.registry.autoRegister",
          ValueType.BOOLEAN,
          true,
          "Whether schemas that the registry lacks are registered at the start; if not, they have to be there.");

  static final Key<String> SERIALIZER_CLASS =
      Key.optional(
          "schema.serializer.class",
          ValueType.text("[A-Za-z_$][\\w$]*(\\.[A-Za-z_$][\\w$]*)*", "the name of a class"),
          "io.confluent.kafka.serializers.KafkaAvroSerializer",
          "A Kafka Serializer that encodes what this role writes, instead of Pabal's own; PABAL_CLASSPATH has its jar. Needs schema.registry.url.");

  static final List<Key<?>> REGISTRY =
      List.of(REGISTRY_URL, REGISTRY_AUTO_REGISTER, SERIALIZER_CLASS);

  private SharedKeys() {}

  static @Nullable RegistryConfig registry(Settings settings) {
    return registry(settings, settings.find(REGISTRY_URL).orElse(null));
  }

  static @Nullable RegistryConfig registry(Settings settings, @Nullable URI url) {
    return url == null
        ? null
        : new RegistryConfig(
            url,
            settings.get(REGISTRY_AUTO_REGISTER),
            settings.find(SERIALIZER_CLASS).orElse(null));
  }

  /** Refuses a serializer class without the registry's URL, where the class has no effect. */
  static void checkRegistry(Settings settings, Problems problems) {
    if (settings.find(REGISTRY_URL).isEmpty() && settings.find(SERIALIZER_CLASS).isPresent()) {
      problems.add(
          REGISTRY_URL,
          settings.place(SERIALIZER_CLASS),
          "not set",
          REGISTRY_URL.type().expected() + ", since schema.serializer.class is set");
    }
  }

  static TopicCatalogue topics(Settings settings) {
    return new TopicCatalogue(
        settings.get(PARTITIONS), settings.get(PREFIX_LEVELS), settings.get(MESSAGE_RETENTION));
  }

  static short replicationFactor(Settings settings) {
    return settings.get(REPLICATION_FACTOR).shortValue();
  }
}
