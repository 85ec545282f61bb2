// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pabal.command.ExitCode;
import io.pabal.command.operations.RunningPabal.Result;
import io.pabal.connector.Connector;
import io.pabal.connector.ConnectorConfig;
import io.pabal.embedded.EmbeddedKafka;
import io.pabal.embedded.EmbeddedRedis;
import io.pabal.router.Router;
import io.pabal.router.config.RouterConfig;
import io.pabal.schemas.Codecs;
import io.pabal.schemas.partitions.FixedPartitions;
import io.pabal.schemas.topic.Feeds;
import io.pabal.schemas.topic.TopicCatalogue;
import io.pabal.schemas.topic.TopicMismatchException;
import io.pabal.sessioncache.timeline.TimelineConfig;
import io.pabal.sessioncache.timeline.TimelineWriter;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * Somebody adds partitions to a topic in use. Nobody goes on or starts on it, whatever is
 * configured, and what is advised works.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class MorePartitionsTest {

  private static final int ADDED = 24;
  private static final String TRUE_REASON =
      "topic messages: 24 partitions (expected: 12, which messages was created with). Somebody has"
          + " added partitions";

  private static RunningPabal pabal;

  @TempDir private static Path directory;

  @SuppressWarnings("NullAway.Init")
  MorePartitionsTest() {}

  @BeforeAll
  static void start() {
    pabal = RunningPabal.separate();
  }

  @AfterAll
  static void stop() throws Exception {
    pabal.close();
  }

  @Test
  @Order(1)
  void shouldEndEveryRoleWhenPartitionsAreAdded() throws Exception {
    try (TimelineWriter timelines = pabal.startTimelineWriter()) {
      pabal.subscriber("partitions-kept", "partitions/added", context -> {}).disconnect();
      pabal.publish("partitions/added", "before");
      add(TopicCatalogue.MESSAGES);

      for (CompletionStage<?> ended :
          List.of(
              pabal.connector().terminated(),
              pabal.router().terminated(),
              timelines.terminated())) {
        Awaitility.await()
            .atMost(Duration.ofMinutes(2))
            .until(() -> ended.toCompletableFuture().isCompletedExceptionally());
        assertThatThrownBy(() -> ended.toCompletableFuture().join())
            .hasMessageContaining(TRUE_REASON);
      }
      assertThat(pabal.connector().health().isLive()).isFalse();
      assertThat(pabal.router().health().isLive()).isFalse();
      assertThat(timelines.health().isLive()).isFalse();
    }
  }

  @Test
  @Order(2)
  void shouldStartNoRoleThereWhateverIsConfigured() throws Exception {
    for (int configured : new int[] {12, ADDED}) {
      var topics = TopicCatalogue.defaults().withPartitions(configured);
      String brokers = pabal.bootstrapServers();
      URI redis = pabal.redisUri();

      assertThatThrownBy(() -> Router.start(router(brokers, topics)))
          .isInstanceOf(TopicMismatchException.class)
          .hasMessageContaining(TRUE_REASON);
      assertThatThrownBy(() -> Connector.start(connector(brokers, redis, topics)))
          .isInstanceOf(TopicMismatchException.class)
          .hasMessageContaining(TRUE_REASON);
      assertThatThrownBy(() -> TimelineWriter.start(timelines(brokers, redis, topics)))
          .isInstanceOf(TopicMismatchException.class)
          .hasMessageContaining(TRUE_REASON);
    }
  }

  @Test
  @Order(3)
  void shouldRunNoCommandThereThatRestsOnPositions() {
    for (String[] command :
        new String[][] {
          {"rebuild", "--dry-run"},
          {"replay", "--from", "start", "--dry-run"},
          {"missed", "--address", "partitions/added"},
          {"sessions", "show", "partitions-kept"}
        }) {
      Result result = pabal.run(command);

      assertThat(result.exitCode()).as(String.join(" ", command)).isEqualTo(ExitCode.FAILED);
      assertThat(result.err()).contains(TRUE_REASON).doesNotContain("\tat ");
    }
    Result check = pabal.run("topics", "check");
    assertThat(check.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(check.out()).contains(TRUE_REASON);
  }

  @Test
  @Order(4)
  void shouldSeeItWhenAllTopicsHaveGrownAlike() throws Exception {
    for (String topic : List.of("locations", "sessions", "unrouted")) {
      add(topic);
    }
    try (Admin admin = pabal.admin()) {
      FixedPartitions found = FixedPartitions.read(admin, clients(pabal.bootstrapServers()));

      assertThat(found.problem(Optional.of(new Feeds(ADDED, 2)))).contains(TRUE_REASON);
    }
  }

  /**
   * The advice: another cluster and Redis, any number of partitions; and of a topic, make it anew.
   */
  @Test
  @Order(5)
  void shouldRunOnAnEmptyClusterWithAnyNumber() throws Exception {
    var topics = TopicCatalogue.defaults().withPartitions(ADDED);
    try (var kafka = EmbeddedKafka.start(directory.resolve("kafka"), 0);
        var redis = EmbeddedRedis.start(directory.resolve("redis"), 0);
        var _ = Router.start(router(kafka.bootstrapServers(), topics));
        var connector = Connector.start(connector(kafka.bootstrapServers(), redis.uri(), topics));
        var admin = Admin.create(clients(kafka.bootstrapServers()))) {
      MovedClients.exchange(connector.address().getPort(), 96);

      // What is advised where the working data's topics have grown.
      for (String topic : List.of("locations", "sessions", "unrouted")) {
        add(admin, topic, ADDED + 6);
        FixedPartitions grown = FixedPartitions.read(admin, clients(kafka.bootstrapServers()));
        assertThat(grown.problem(Optional.of(new Feeds(ADDED, 2))))
            .contains("kafka-topics.sh --delete --topic " + topic);
        admin.deleteTopics(List.of(topic)).all().get();
        awaitGone(admin, topic);
        FixedPartitions.ensure(
            admin,
            clients(kafka.bootstrapServers()),
            topics,
            (short) 1,
            Codecs.FIXED.connectorState());
      }
      // Another number than what is there, and nobody has added any: the configuration is wrong.
      FixedPartitions found = FixedPartitions.read(admin, clients(kafka.bootstrapServers()));
      assertThat(found.problem(Optional.of(new Feeds(12, 2))))
          .contains("set topics.partitions (pabal up: --partitions) to 24, or");
      // Other prefix levels than those that the connector has recorded.
      var otherLevels = topics.withPrefixLevels(3);
      String reason =
          "topics.prefixLevels: 3 (expected: 2, which messages was created with). The partition of every address depends on it";
      assertThatThrownBy(
              () -> Connector.start(connector(kafka.bootstrapServers(), redis.uri(), otherLevels)))
          .isInstanceOf(TopicMismatchException.class)
          .hasMessageContaining(reason);
      assertThatThrownBy(() -> Router.start(router(kafka.bootstrapServers(), otherLevels)))
          .isInstanceOf(TopicMismatchException.class)
          .hasMessageContaining(reason);
      assertThatThrownBy(
              () ->
                  TimelineWriter.start(
                      timelines(kafka.bootstrapServers(), redis.uri(), otherLevels)))
          .isInstanceOf(TopicMismatchException.class)
          .hasMessageContaining(reason);
    }
  }

  private static void awaitGone(Admin admin, String topic) {
    Awaitility.await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> !admin.listTopics().names().get().contains(topic));
  }

  private static void add(String topic) throws Exception {
    try (Admin admin = pabal.admin()) {
      add(admin, topic, ADDED);
    }
  }

  private static void add(Admin admin, String topic, int count) throws Exception {
    admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(count))).all().get();
    Awaitility.await()
        .atMost(Duration.ofMinutes(1))
        .until(
            () ->
                admin
                        .describeTopics(List.of(topic))
                        .allTopicNames()
                        .get()
                        .get(topic)
                        .partitions()
                        .size()
                    == count);
  }

  private static Map<String, Object> clients(String bootstrapServers) {
    return Map.of("bootstrap.servers", bootstrapServers);
  }

  private static RouterConfig router(String bootstrapServers, TopicCatalogue topics) {
    return RouterConfig.defaults(bootstrapServers, directory.resolve("router"))
        .withTopics(topics)
        .withSessionTimeout(Duration.ofSeconds(2));
  }

  private static ConnectorConfig connector(
      String bootstrapServers, URI redis, TopicCatalogue topics) {
    return new ConnectorConfig(
        "c1",
        new ConnectorConfig.Listener("127.0.0.1", 0, true),
        new ConnectorConfig.Kafka(
            bootstrapServers,
            topics,
            1,
            (short) -1,
            Duration.ofSeconds(30),
            32L << 20,
            Duration.ZERO),
        redis,
        ConnectorConfig.Limits.defaults());
  }

  private static TimelineConfig timelines(
      String bootstrapServers, URI redis, TopicCatalogue topics) {
    return new TimelineConfig(
        bootstrapServers,
        redis,
        topics,
        (short) 1,
        TimelineConfig.MESSAGES_PER_ADDRESS_MAX_DEFAULT,
        Duration.ofDays(7),
        Duration.ofSeconds(2));
  }
}
