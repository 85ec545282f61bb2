// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.operations;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.lifecycle.Mqtt5ClientDisconnectedContext;
import io.pabal.command.Pabal;
import io.pabal.command.Patience;
import io.pabal.connector.Connector;
import io.pabal.connector.ConnectorConfig;
import io.pabal.embedded.EmbeddedKafka;
import io.pabal.embedded.EmbeddedRedis;
import io.pabal.router.Router;
import io.pabal.router.config.RouterConfig;
import io.pabal.schemas.TopicCatalogue;
import io.pabal.schemas.TopicSetup;
import io.pabal.sessioncache.timeline.TimelineConfig;
import io.pabal.sessioncache.timeline.TimelineWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * A real Kafka and Redis with a router and the connector c1, for all tests of operators' commands
 * in this JVM. Tests use addresses, client identifiers and further connectors of their own.
 */
public final class RunningPabal implements AutoCloseable {

  /** How long a test waits for what should come soon. */
  public static final Duration PATIENCE = Patience.MAX;

  private static final TopicCatalogue TOPICS = TopicCatalogue.defaults();

  private final Path directory;
  private final EmbeddedKafka kafka;
  private final EmbeddedRedis redis;
  private final Router router;
  private final Connector connector;
  private final KafkaProducer<byte[], byte[]> producer;

  private RunningPabal() {
    try {
      directory = Files.createTempDirectory("pabal-command-test");
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    kafka = EmbeddedKafka.start(directory.resolve("kafka"), 0);
    redis = EmbeddedRedis.start(directory.resolve("redis"), 0);
    try (Admin admin = admin()) {
      TopicSetup.ensure(admin, TOPICS.shared(), (short) -1);
    } catch (InterruptedException | TimeoutException e) {
      throw new IllegalStateException(e);
    }
    router =
        Router.start(
            RouterConfig.defaults(kafka.bootstrapServers(), directory.resolve("router"))
                .withSessionTimeout(Duration.ofSeconds(2)));
    connector = startConnector("c1");
    producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", kafka.bootstrapServers()),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  /** A Kafka, Redis, router and connector of a test's own, which may harm them. */
  public static RunningPabal separate() {
    return new RunningPabal();
  }

  /** The connector c1. */
  public Connector connector() {
    return connector;
  }

  /** The router. */
  public Router router() {
    return router;
  }

  /** Where Redis listens. */
  public URI redisUri() {
    return redis.uri();
  }

  /** What a command printed, and its exit code. */
  public record Result(int exitCode, String out, String err) {
    /** The lines on stdout. */
    public List<String> lines() {
      return out.lines().toList();
    }
  }

  /** Runs a command against this cluster. */
  public Result run(String... arguments) {
    List<String> all = new ArrayList<>(flags());
    all.addAll(0, List.of(arguments));
    return runAsIs(all.toArray(String[]::new));
  }

  /** The flags that say where this cluster is. */
  public List<String> flags() {
    return List.of(
        "--bootstrap-servers", kafka.bootstrapServers(), "--redis-uri", redis.uri().toString());
  }

  /** Runs a command as it stands. */
  public static Result runAsIs(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode =
        Pabal.commandLine()
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(arguments);
    return new Result(exitCode, out.toString(), err.toString());
  }

  /**
   * Starts a timeline writer, which the test closes. Without one no session gets what it missed.
   */
  public TimelineWriter startTimelineWriter() {
    return TimelineWriter.start(
        TimelineConfig.defaults(kafka.bootstrapServers(), redis.uri())
            .withSessionTimeout(Duration.ofSeconds(2)));
  }

  /** Starts one more connector, which the test closes. */
  public Connector startConnector(String id) {
    return Connector.start(
        new ConnectorConfig(
            id,
            new ConnectorConfig.Listener("127.0.0.1", 0, true),
            new ConnectorConfig.Kafka(
                kafka.bootstrapServers(),
                TOPICS,
                1,
                (short) -1,
                PATIENCE,
                32L << 20,
                Duration.ZERO),
            redis.uri(),
            ConnectorConfig.Limits.defaults()));
  }

  /** Where c1 listens. */
  public int port() {
    return connector.address().getPort();
  }

  /** A client of c1 with a session that is kept for an hour, subscribed to {@code address}. */
  public Mqtt5BlockingClient subscriber(
      String clientId, String address, Consumer<Mqtt5ClientDisconnectedContext> disconnected) {
    Mqtt5BlockingClient client =
        Mqtt5Client.builder()
            .identifier(clientId)
            .serverHost("127.0.0.1")
            .serverPort(port())
            .addDisconnectedListener(
                context -> disconnected.accept((Mqtt5ClientDisconnectedContext) context))
            .buildBlocking();
    client.toAsync().publishes(MqttGlobalPublishFilter.ALL, publish -> {});
    client.connectWith().cleanStart(false).sessionExpiryInterval(3600).send();
    client.subscribeWith().topicFilter(address).qos(MqttQos.AT_LEAST_ONCE).send();
    return client;
  }

  /** Publishes through c1 and waits for the PUBACK. */
  public void publish(String address, byte[] payload) {
    Mqtt5BlockingClient client =
        Mqtt5Client.builder()
            .identifier("publisher")
            .serverHost("127.0.0.1")
            .serverPort(port())
            .buildBlocking();
    client.connect();
    client.publishWith().topic(address).qos(MqttQos.AT_LEAST_ONCE).payload(payload).send();
    client.disconnect();
  }

  /** Publishes text. */
  public void publish(String address, String payload) {
    publish(address, payload.getBytes(StandardCharsets.UTF_8));
  }

  /** Writes a record past everybody, and returns its {@code partition:offset}. */
  public String write(ProducerRecord<byte[], byte[]> record) {
    try {
      var written = producer.send(record).get();
      return written.partition() + ":" + written.offset();
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Where Kafka listens. */
  public String bootstrapServers() {
    return kafka.bootstrapServers();
  }

  /** The administrator's client; the caller closes it. */
  public Admin admin() {
    return Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
  }

  @Override
  public void close() throws IOException {
    producer.close(Duration.ZERO);
    connector.close();
    router.close();
    redis.close();
    kafka.close();
    try (var files = Files.walk(directory)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    }
  }

  /** Hands the running Pabal to tests that ask for it by a parameter. */
  public static final class Extension implements ParameterResolver {

    private static final ExtensionContext.Namespace NAMESPACE =
        ExtensionContext.Namespace.create(RunningPabal.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
      return parameter.getParameter().getType() == RunningPabal.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
      return context
          .getRoot()
          .getStore(NAMESPACE)
          .computeIfAbsent(RunningPabal.class, key -> new RunningPabal(), RunningPabal.class);
    }
  }
}
