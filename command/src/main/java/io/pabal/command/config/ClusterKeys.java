// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.config;

import io.pabal.command.config.setting.Key;
import io.pabal.command.config.setting.Settings;
import io.pabal.command.config.setting.ValueSource;
import io.pabal.schemas.registry.RegistryConfig;
import io.pabal.schemas.topic.TopicCatalogue;
import java.net.URI;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The keys of all roles that operators' commands need, too. None of the keys is required. */
public final class ClusterKeys {

  /** Some brokers of the Kafka cluster. */
  public static final Key<String> BOOTSTRAP_SERVERS = SharedKeys.BOOTSTRAP_SERVERS.orExample();

  /** The URI of Redis. */
  public static final Key<URI> REDIS_URI = RedisKeys.URI_KEY.orExample();

  /** The URL of the schema registry. Without a value, there is no registry. */
  public static final Key<URI> REGISTRY_URL = SharedKeys.REGISTRY_URL;

  static final List<Key<?>> ALL =
      Stream.concat(
              Stream.<Key<?>>of(
                  BOOTSTRAP_SERVERS,
                  REDIS_URI,
                  RedisKeys.USER,
                  RedisKeys.PASSWORD,
                  RedisKeys.CA_FILE,
                  SharedKeys.PARTITIONS,
                  SharedKeys.PREFIX_LEVELS,
                  SharedKeys.MESSAGE_RETENTION),
              SharedKeys.REGISTRY.stream())
          .toList();

  private ClusterKeys() {}

  /**
   * The URI of Redis with the configured user, password and certificates; a URI with user
   * information of its own keeps that.
   */
  public static URI redisUri(Settings settings, URI uri) {
    return RedisKeys.complete(uri, settings);
  }

  /** The topics as configured. */
  public static TopicCatalogue topics(Settings settings) {
    return SharedKeys.topics(settings);
  }

  /** How the schema registry at {@code url} is used; null without a {@code url}. */
  public static @Nullable RegistryConfig registry(Settings settings, @Nullable URI url) {
    return SharedKeys.registry(settings, url);
  }

  /** Whether the prefix levels are configured, and not the default. */
  public static boolean isPrefixLevelsConfigured(Settings settings) {
    return !(settings.place(SharedKeys.PREFIX_LEVELS) instanceof ValueSource.Default);
  }

  /** Whether the number of partitions is configured, and not the default. */
  public static boolean isPartitionsConfigured(Settings settings) {
    return !(settings.place(SharedKeys.PARTITIONS) instanceof ValueSource.Default);
  }
}
