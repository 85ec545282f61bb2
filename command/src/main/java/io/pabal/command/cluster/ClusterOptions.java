// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.cluster;

import io.pabal.command.Logs;
import io.pabal.command.UsageException;
import io.pabal.command.config.ClusterKeys;
import io.pabal.command.config.ConfigReader;
import io.pabal.command.config.Key;
import io.pabal.command.config.Settings;
import io.pabal.schemas.TopicCatalogue;
import java.net.URI;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * The flags of a command that talks to a running Pabal. A flag goes before the environment, that
 * before the file, that before the defaults, which are those of {@code pabal up}.
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
      names = "--config",
      paramLabel = "FILE",
      description = "The configuration of a connector, router or timeline writer, for both.")
  private @Nullable Path file;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  private @Nullable Settings settings;

  /** A connection to Kafka. Throws UnreachableException within seconds when there is none. */
  public Cluster connect() {
    Logs.quietClients();
    return Cluster.connect(
        flagOr(ClusterKeys.BOOTSTRAP_SERVERS, "--bootstrap-servers", bootstrapServers));
  }

  /** Where Redis is. */
  public URI redisUri() {
    Logs.quietClients();
    return flagOr(ClusterKeys.REDIS_URI, "--redis-uri", redisUri);
  }

  /** The topics as the configuration wants them. */
  public TopicCatalogue topics() {
    return ClusterKeys.topics(settings());
  }

  /** Whether somebody said how many partitions there are to be. */
  public boolean isPartitionsConfigured() {
    return ClusterKeys.isPartitionsConfigured(settings());
  }

  private <T> T flagOr(Key<T> key, String flag, @Nullable String text) {
    if (text == null) {
      return settings().get(key);
    }
    return key.type()
        .parser()
        .apply(text)
        .orElseThrow(
            () ->
                new UsageException(
                    "%s: %s (expected: %s).".formatted(flag, text, key.type().expected())));
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
