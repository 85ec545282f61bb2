// SPDX-License-Identifier: Apache-2.0
package io.pabal.endtoend;

import io.pabal.embedded.EmbeddedKafka;
import io.pabal.router.Router;
import io.pabal.router.config.RouterConfig;
import io.pabal.schemas.registry.RegistryConfig;
import io.pabal.schemas.topic.TopicCatalogue;
import io.pabal.schemas.topic.TopicSetup;
import io.pabal.sessioncache.timeline.TimelineConfig;
import io.pabal.sessioncache.timeline.TimelineWriter;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Everything of a pipeline that is no connector, in this JVM: real Kafka, real Redis, router and
 * timeline writer.
 *
 * <p>The {@link Extension} starts one for all tests of this JVM. Tests on it use addresses and
 * client identifiers of their own, and only look at those. A test that stops a server, empties it,
 * or counts what all clients did starts a backbone of its own.
 */
final class Backbone implements AutoCloseable {

  private final Path data;
  private final @Nullable RegistryConfig registry;
  private final TestRedis redis;
  private final Router router;
  private final TimelineWriter timelineWriter;
  private EmbeddedKafka kafka;

  private Backbone(Path data, @Nullable RegistryConfig registry) throws Exception {
    this.data = data;
    this.registry = registry;
    kafka = EmbeddedKafka.start(data.resolve("kafka"), 0);
    redis = TestRedis.start(data.resolve("redis"));
    try (Admin admin =
        Admin.create(
            Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, kafka.bootstrapServers()))) {
      TopicSetup.ensure(admin, TopicCatalogue.defaults().shared(), (short) 1);
    }
    router =
        Router.start(
            RouterConfig.defaults(kafka.bootstrapServers(), data.resolve("router"))
                .withRegistry(registry));
    timelineWriter =
        TimelineWriter.start(
            new TimelineConfig(
                kafka.bootstrapServers(),
                redis.uri(),
                TopicCatalogue.defaults(),
                (short) -1,
                TimelineConfig.MESSAGES_PER_ADDRESS_MAX_DEFAULT,
                TimelineConfig.AGE_MAX_DEFAULT,
                TimelineConfig.SESSION_TIMEOUT_DEFAULT));
  }

  /** Starts one on a directory; with a schema registry unless that is null. */
  static Backbone start(Path data, @Nullable RegistryConfig registry) throws Exception {
    return new Backbone(data, registry);
  }

  String bootstrapServers() {
    return kafka.bootstrapServers();
  }

  URI redisUri() {
    return redis.uri();
  }

  @Nullable RegistryConfig registry() {
    return registry;
  }

  Router router() {
    return router;
  }

  TimelineWriter timelineWriter() {
    return timelineWriter;
  }

  void stopKafka() {
    kafka.close();
  }

  void startKafka() {
    kafka = EmbeddedKafka.start(data.resolve("kafka"), kafka.port());
  }

  @Override
  public void close() {
    router.close();
    timelineWriter.close();
    redis.close();
    kafka.close();
  }

  /** Hands the backbone that is shared to tests that ask for it by a parameter. */
  static final class Extension implements ParameterResolver {

    private static final ExtensionContext.Namespace NAMESPACE =
        ExtensionContext.Namespace.create(Backbone.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
      return parameter.getParameter().getType() == Backbone.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
      return context
          .getRoot()
          .getStore(NAMESPACE)
          .computeIfAbsent(Shared.class, key -> new Shared(), Shared.class)
          .backbone;
    }
  }

  /** A backbone in a directory of its own, which goes with it. */
  private static final class Shared implements AutoCloseable {

    private final Path directory;
    private final Backbone backbone;

    Shared() {
      try {
        directory = Files.createTempDirectory("pabal-end-to-end");
        backbone = Backbone.start(directory, null);
      } catch (Exception e) {
        throw new IllegalStateException("the backbone of the tests does not start", e);
      }
    }

    @Override
    public void close() throws IOException {
      backbone.close();
      try (var files = Files.walk(directory)) {
        files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
      }
    }
  }
}
