// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.config;

import io.pabal.schemas.TopicCatalogue;
import java.net.URI;
import java.util.List;

/** The keys of all roles that operators' commands need, too; none of them has to be set. */
public final class ClusterKeys {

  /** Where Kafka is. */
  public static final Key<String> BOOTSTRAP_SERVERS = SharedKeys.BOOTSTRAP_SERVERS.orExample();

  /** Where Redis is. */
  public static final Key<URI> REDIS_URI = SharedKeys.REDIS_URI.orExample();

  static final List<Key<?>> ALL =
      List.of(BOOTSTRAP_SERVERS, REDIS_URI, SharedKeys.PARTITIONS, SharedKeys.MESSAGE_RETENTION);

  private ClusterKeys() {}

  /** The topics as they are meant to be. */
  public static TopicCatalogue topics(Settings settings) {
    return SharedKeys.topics(settings);
  }

  /** Whether the number of partitions is configured, and not the default. */
  public static boolean isPartitionsConfigured(Settings settings) {
    return !(settings.place(SharedKeys.PARTITIONS) instanceof Place.Default);
  }
}
