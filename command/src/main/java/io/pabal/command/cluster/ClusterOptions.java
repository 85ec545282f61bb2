// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.cluster;

import io.pabal.command.config.ClusterKeys;
import io.pabal.command.config.ConfigReader;
import io.pabal.command.config.setting.Flags;
import io.pabal.command.config.setting.Key;
import io.pabal.command.config.setting.Settings;
import io.pabal.command.log.Logs;
import io.pabal.schemas.registry.RegistryConfig;
import io.pabal.schemas.registry.RegistryException;
import io.pabal.schemas.registry.SchemaRegistry;
import io.pabal.schemas.topic.TopicCatalogue;
import java.net.URI;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * The flags of a command that talks to a running Pabal. A flag takes precedence over the
 * environment, the environment over the file, and the file over the defaults. The defaults are
 * those of {@code pabal up}.
 */
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class ClusterOptions {

  @Option(
      names = "--bootstrap-servers",
      paramLabel = "HOST:PORT",
      description = "Some brokers (default: kafka.bootstrapServers, or 127.0.0.1:9092).")
  private @Nullable String bootstrapServers;

  @Option(
      names = "--redis-uri",
      paramLabel = "URI",
      description = "Where Redis is (default: redis.uri, or redis://127.0.0.1:6379).")
  private @Nullable String redisUri;

  @Option(
      names = "--schema-registry-url",
      paramLabel = "URL",
      description = "The schema registry, if there is one (default: schema.registry.url, or none).")
  private @Nullable String registryUrl;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "The configuration of a connector, router or timeline writer, for all of these.")
  private @Nullable Path file;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  private @Nullable Settings settings;

  /** Connects to Kafka. Throws UnreachableException within seconds when no broker listens. */
  public Cluster connect() {
    Logs.quietClients();
    return Cluster.connect(
        flagOr(ClusterKeys.BOOTSTRAP_SERVERS, "--bootstrap-servers", bootstrapServers));
  }

  /** The URI of Redis. */
  public URI redisUri() {
    Logs.quietClients();
    return ClusterKeys.redisUri(settings(), flagOr(ClusterKeys.REDIS_URI, "--redis-uri", redisUri));
  }

  /**
   * Returns the codecs of the topics, for writing as the roles do. Schemas that the registry lacks
   * are registered, unless schema.registry.autoRegister is false. The caller closes the result.
   *
   * @throws RegistryException when there is a registry and it cannot be used
   */
  public SchemaRegistry registry() {
    return SchemaRegistry.connect(registryConfig());
  }

  /**
   * Returns the codecs of the topics, for reading. No schema is registered. The caller closes the
   * result.
   *
   * @throws RegistryException when there is a registry and it cannot be used
   */
  public SchemaRegistry registryToRead() {
    return SchemaRegistry.connectToRead(registryConfig());
  }

  private @Nullable RegistryConfig registryConfig() {
    Logs.quietClients();
    URI url =
        registryUrl == null
            ? settings().find(ClusterKeys.REGISTRY_URL).orElse(null)
            : parsed(ClusterKeys.REGISTRY_URL, "--schema-registry-url", registryUrl);
    return url == null ? null : ClusterKeys.registry(settings(), url);
  }

  /** The topics as configured. */
  public TopicCatalogue topics() {
    return ClusterKeys.topics(settings());
  }

  /** Whether the prefix levels are configured, and not the default. */
  public boolean isPrefixLevelsConfigured() {
    return ClusterKeys.isPrefixLevelsConfigured(settings());
  }

  /** Whether the number of partitions is configured, and not the default. */
  public boolean isPartitionsConfigured() {
    return ClusterKeys.isPartitionsConfigured(settings());
  }

  private <T> T flagOr(Key<T> key, String flag, @Nullable String text) {
    return text == null ? settings().get(key) : parsed(key, flag, text);
  }

  private static <T> T parsed(Key<T> key, String flag, String text) {
    return Flags.parse(flag, key.type(), text);
  }

  private Settings settings() {
    Settings read = settings;
    if (read == null) {
      read = ConfigReader.readCluster(file, System.getenv());
      read.warnings().forEach(warning -> spec.commandLine().getErr().println("pabal: " + warning));
      settings = read;
    }
    return read;
  }
}
