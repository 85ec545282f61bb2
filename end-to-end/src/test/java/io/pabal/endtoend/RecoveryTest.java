// SPDX-License-Identifier: Apache-2.0
package io.pabal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import io.lettuce.core.cluster.api.sync.RedisClusterCommands;
import io.pabal.command.ExitCode;
import io.pabal.endtoend.Clients.Subscriber;
import io.pabal.endtoend.Operator.Run;
import io.pabal.schemas.topic.TopicCatalogue;
import io.pabal.sessioncache.session.SessionKeys;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What operators do when Redis has lost something: {@code replay}, {@code missed}, {@code rebuild}.
 */
class RecoveryTest {

  private static final int MESSAGES = 20;

  private static Pipeline pipeline;
  private static Operator operator;
  private static TestRedis.Client redisClient;
  private static RedisClusterCommands<String, String> redis;
  private static Path places;
  private static Mqtt5AsyncClient publisher;

  @BeforeAll
  static void start(@TempDir Path data) throws Exception {
    pipeline = Pipeline.start(data.resolve("pipeline"), 2);
    operator = Operator.of(pipeline);
    redisClient = TestRedis.Client.of(pipeline.redisUri());
    redis = redisClient.commands();
    places = data;
    publisher = Clients.connect(pipeline.port(1), "publisher");
  }

  @AfterAll
  static void stop() throws Exception {
    Clients.await(publisher.disconnect());
    redisClient.close();
    pipeline.close();
  }

  @Test
  void shouldDeliverWhatDeletedTimelineHadAndNothingElse() throws Exception {
    // Given one session that misses messages, and one that has them all
    Subscriber bob = Clients.persistent(pipeline.port(1), "bob", true);
    bob.subscribe("users/bob");
    Subscriber eve = Clients.persistent(pipeline.port(2), "eve", true);
    eve.subscribe("users/bob");
    Subscriber live = Clients.persistent(pipeline.port(1), "live-at-replay", true);
    live.subscribe("users/bob");
    publish("users/bob", 0, MESSAGES);
    awaitExactly(bob, texts(0, MESSAGES));
    bob.leave(redis);
    publish("users/bob", MESSAGES, MESSAGES);
    awaitExactly(eve, texts(0, 2 * MESSAGES));
    eve.leave(redis);
    awaitTimeline("users/bob", 2 * MESSAGES);

    // When
    assertThat(redis.del(Pipeline.timeline("users/bob"))).isEqualTo(1);

    // Then it can be told what is missed, and what would be done
    assertThat(pabal("missed", "--session", "bob").number("missed")).isEqualTo(MESSAGES);
    assertThat(pabal("missed", "--address", "users/bob").out()).doesNotContain("eve");
    assertThat(replay("--dry-run").number("lacking")).isEqualTo(2 * MESSAGES);
    assertThat(redis.exists(Pipeline.timeline("users/bob"))).isZero();

    // When
    Run replay = replay("--prefix", "users/b");

    // Then
    assertThat(replay.number("refilled")).isEqualTo(2 * MESSAGES);
    assertThat(replay.number("sessions")).isEqualTo(1);
    assertThat(replay.number("owed")).isEqualTo(MESSAGES);
    assertThat(replay("--prefix", "users/b").number("lacking")).isZero();
    Subscriber bobAgain = Clients.persistent(pipeline.port(2), "bob", false);
    Subscriber eveAgain = Clients.persistent(pipeline.port(1), "eve", false);
    publish("users/bob", 2 * MESSAGES, 1);
    awaitExactly(bobAgain, texts(MESSAGES, MESSAGES + 1));
    awaitExactly(eveAgain, texts(2 * MESSAGES, 1));
    awaitExactly(live, texts(0, 2 * MESSAGES + 1));
    live.disconnect();
    bobAgain.disconnect();
    eveAgain.disconnect();
    assertThat(pabal("missed", "--session", "bob").out().strip()).isEqualTo("[ ]");
  }

  @Test
  void shouldBringBackCursorsFromSessions() throws Exception {
    // Given
    Subscriber carol = Clients.persistent(pipeline.port(1), "carol", true);
    carol.subscribe("users/carol");
    publish("users/carol", 0, MESSAGES);
    awaitExactly(carol, texts(0, MESSAGES));
    carol.leave(redis);
    publish("users/carol", MESSAGES, MESSAGES);
    awaitTimeline("users/carol", 2 * MESSAGES);
    redis.del(Pipeline.timeline("users/carol"), SessionKeys.session("carol"));

    // When
    assertThat(pabal("missed", "--session", "carol").exitCode()).isEqualTo(ExitCode.NOT_FOUND);
    Run dryRun = pabal("rebuild", "--session", "carol", "--dry-run");
    assertThat(redis.exists(SessionKeys.session("carol"))).isZero();
    Run rebuild = pabal("rebuild", "--session", "carol");
    replay("--session", "carol");

    // Then it left in good order, so that nothing comes twice
    assertThat(rebuild.number("sessionsWritten")).isEqualTo(1);
    assertThat(rebuild.number("inexact")).isZero();
    assertThat(counts(dryRun)).isEqualTo(counts(rebuild));
    Subscriber again = Clients.persistent(pipeline.port(2), "carol", false);
    assertThat(again.sessionPresent).isTrue();
    awaitExactly(again, texts(MESSAGES, MESSAGES));
    // and what came back is not written over, nor said to be
    dryRun = pabal("rebuild", "--session", "carol", "--dry-run");
    assertThat(dryRun.number("sessionsPresent")).isEqualTo(1);
    assertThat(counts(pabal("rebuild", "--session", "carol"))).isEqualTo(counts(dryRun));
    again.disconnect();
  }

  @Test
  void shouldRepeatNoMoreThanWhatKilledConnectorHadNotReported() throws Exception {
    // Given a session whose cursor was told when it left, and that acknowledged more since
    Path directory = places.resolve("killed");
    try (ConnectorProcess connector =
        ConnectorProcess.start(
            directory, "killed", 64, pipeline.bootstrapServers(), pipeline.redisUri())) {
      Subscriber frank = Clients.persistent(connector.port, "frank", true);
      frank.subscribe("users/frank");
      publish("users/frank", 0, MESSAGES);
      awaitExactly(frank, texts(0, MESSAGES));
      frank.leave(redis);
      Subscriber again = Clients.persistent(connector.port, "frank", false);
      publish("users/frank", MESSAGES, MESSAGES);
      awaitExactly(again, texts(MESSAGES, MESSAGES));

      patiently()
          .until(
              () -> operator.run("tail", "sessions", "--key", "frank").out().contains("RESUMED"));

      // When its connector and Redis's memory of it are lost together
      connector.kill();
      redis.del(SessionKeys.session("frank"));
      Run rebuild = pabal("rebuild", "--session", "frank");

      // Then it is counted as one that may get something twice, and gets just that
      assertThat(rebuild.number("sessionsWritten")).isEqualTo(1);
      assertThat(rebuild.number("inexact")).isEqualTo(1);
    }
    publish("users/frank", 2 * MESSAGES, 1);
    Subscriber back = Clients.persistent(pipeline.port(2), "frank", false);
    assertThat(back.sessionPresent).isTrue();
    awaitExactly(back, texts(MESSAGES, MESSAGES + 1));
    back.disconnect();
  }

  @Test
  void shouldCountEventsThatCannotBeRead() throws Exception {
    // Given
    Subscriber dave = Clients.persistent(pipeline.port(1), "dave", true);
    dave.subscribe("users/dave");
    dave.leave(redis);
    String place = appendSessionEvent("dave", "{}".getBytes(StandardCharsets.UTF_8));
    redis.del(SessionKeys.session("dave"));

    // When
    Run rebuild = pabal("rebuild", "--session", "dave");

    // Then
    assertThat(rebuild.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(rebuild.number("sessionsWritten")).isEqualTo(1);
    assertThat(rebuild.number("undecodable")).isEqualTo(1);
    assertThat(rebuild.out()).contains("\"firstUndecodable\" : \"" + place + "\"");
    assertThat(rebuild.err())
        .contains("1 records of sessions cannot be decoded, the first at " + place);
  }

  @Test
  void shouldRebuildEmptiedRedisUnderLoad() throws Exception {
    // Given sessions that are away, and one that is live
    List<String> away = IntStream.range(0, 10).mapToObj(i -> "away" + i).toList();
    for (String each : away) {
      Subscriber subscriber = Clients.persistent(pipeline.port(1), each, true);
      subscriber.subscribe("rooms/loaded");
      subscriber.leave(redis);
    }
    Subscriber live = Clients.persistent(pipeline.port(2), "live", true);
    live.subscribe("rooms/loaded");
    AtomicInteger published = new AtomicInteger();
    AtomicBoolean stopped = new AtomicBoolean();
    CompletableFuture<Void> load =
        CompletableFuture.runAsync(
            () -> {
              while (!stopped.get()) {
                publishOne("rooms/loaded", published.getAndIncrement());
              }
            });
    patiently().until(() -> published.get() > 200);

    // When
    redis.flushall();
    patiently().until(() -> published.get() > 400);
    Run dryRun = pabal("rebuild", "--dry-run");
    assertThat(dryRun.number("sessionsWritten")).isGreaterThanOrEqualTo(away.size());
    assertThat(dryRun.number("refilled")).isPositive();
    assertThat(redis.exists(SessionKeys.session("away0"))).isZero();
    Run rebuild = pabal("rebuild");
    int rebuiltAt = published.get();
    patiently().until(() -> published.get() > rebuiltAt + 100);
    stopped.set(true);
    load.join();

    // Then
    assertThat(rebuild.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(rebuild.number("sessionsWritten")).isGreaterThanOrEqualTo(away.size());
    assertThat(rebuild.number("refilled")).isPositive();
    List<String> all = texts(0, published.get());
    assertThat(live.disconnectedBy.get()).isNull();
    awaitExactly(live, all);
    assertThat(live.disconnectedBy.get()).isNull();
    for (String each : away) {
      Subscriber back = Clients.persistent(pipeline.port(2), each, false);
      assertThat(back.sessionPresent).isTrue();
      awaitExactly(back, all);
      back.disconnect();
    }
    live.disconnect();
    // and what was rebuilt is all there is
    assertThat(replay("--address", "rooms/loaded").number("lacking")).isZero();
  }

  @Test
  void shouldGoOnWhereItWasInterrupted() throws Exception {
    // Given
    Path place = places.resolve("interrupted");
    publish("users/slow", 0, 300);
    String[] line = {
      "replay",
      "--from",
      "start",
      "--address",
      "users/slow",
      "--rate",
      "100/s",
      "--resume-file",
      place.toString()
    };
    Thread interrupted = new Thread(() -> pabal(line));
    interrupted.start();
    patiently().until(() -> Files.exists(place));

    // When
    interrupted.interrupt();
    interrupted.join();
    publish("users/slow", 300, 100);
    Run resumed = pabal(line);

    // Then the range is what it was, and nothing of it was read twice
    assertThat(resumed.err()).contains("goes on where it was interrupted");
    assertThat(resumed.number("messagesRead")).isGreaterThanOrEqualTo(300);
    assertThat(resumed.number("messages")).isBetween(1L, 299L);
    assertThat(Files.exists(place)).isFalse();
  }

  @Test
  void shouldSayInOneLineWhatIsWrong() throws Exception {
    publish("users/nobody", 0, 1);
    assertRefused(ExitCode.USAGE, "--from", "replay", "--from", "yesterday");
    assertRefused(ExitCode.USAGE, "--to", "replay", "--from", "end", "--to", "start");
    assertRefused(
        ExitCode.NOT_FOUND, "session nobody", "replay", "--from", "-1h", "--session", "nobody");
    assertRefused(ExitCode.NOT_FOUND, "session nobody", "rebuild", "--session", "nobody");
    assertRefused(
        ExitCode.NOT_FOUND, "connector c9", "replay", "--from", "-1h", "--connector", "c9");
    assertRefused(
        ExitCode.USAGE, "-5m lies behind --to -10m", "replay", "--from", "-5m", "--to", "-10m");
    assertRefused(ExitCode.USAGE, "no partition 99", "replay", "--from", "99:0");
    assertRefused(ExitCode.USAGE, "is not held", "replay", "--from", "0:999999999");
    assertRefused(ExitCode.USAGE, "is not held", "rebuild", "--from", "0:999999999");
  }

  @ParameterizedTest
  @CsvSource({
    "--bootstrap-servers, 127.0.0.1:1, kafka.bootstrapServers: 127.0.0.1:1",
    "--redis-uri, redis://127.0.0.1:1, redis: 127.0.0.1:1",
    "--schema-registry-url, http://127.0.0.1:1, schema.registry.url: http://127.0.0.1:1 does not answer"
  })
  void shouldSayInOneLineWhatCannotBeReached(String flag, String value, String words) {
    Operator lost = new Operator(replaced(operator.flags(), flag, value));
    // Both at once: each waits for some seconds.
    List<CompletableFuture<Run>> runs =
        List.of(
            CompletableFuture.supplyAsync(() -> lost.run("replay", "--from", "-1h")),
            CompletableFuture.supplyAsync(() -> lost.run("rebuild")));
    for (CompletableFuture<Run> each : runs) {
      Run run = each.join();
      assertThat(run.exitCode()).as(run.toString()).isEqualTo(ExitCode.UNREACHABLE);
      assertThat(run.err().lines()).singleElement().asString().startsWith("pabal: " + words);
      assertThat(run.out()).isEmpty();
    }
  }

  private static List<String> replaced(List<String> flags, String flag, String value) {
    List<String> replaced = new ArrayList<>(flags);
    int at = replaced.indexOf(flag);
    if (at >= 0) {
      replaced.set(at + 1, value);
    } else {
      replaced.addAll(List.of(flag, value));
    }
    return replaced;
  }

  private static void assertRefused(int exitCode, String word, String... arguments) {
    Run run = pabal(arguments);
    assertThat(run.exitCode()).as(run.toString()).isEqualTo(exitCode);
    assertThat(run.err().lines().filter(line -> !line.startsWith("Try")).toList())
        .singleElement()
        .asString()
        .contains(word);
    assertThat(run.out()).isEmpty();
  }

  private static Run replay(String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "replay", "--from", "-1h", "--resume-file", places.resolve("place").toString()));
    arguments.addAll(List.of(more));
    Run run = pabal(arguments.toArray(String[]::new));
    assertThat(run.exitCode()).as(run.toString()).isEqualTo(ExitCode.OK);
    return run;
  }

  private static Run pabal(String... arguments) {
    return operator.with("--format", "json").run(arguments);
  }

  /** What a rebuild did or would do, without how long it took. */
  private static String counts(Run rebuild) {
    assertThat(rebuild.exitCode()).as(rebuild.toString()).isEqualTo(ExitCode.OK);
    return rebuild.out().replaceAll("\"seconds\" : [0-9.]+", "");
  }

  private static String appendSessionEvent(String clientId, byte[] value) throws Exception {
    Map<String, Object> settings =
        Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, pipeline.bootstrapServers());
    try (var producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      var written =
          producer
              .send(
                  new ProducerRecord<>(
                      TopicCatalogue.SESSIONS, clientId.getBytes(StandardCharsets.UTF_8), value))
              .get();
      return "%s-%d-%d".formatted(written.topic(), written.partition(), written.offset());
    }
  }

  private static ConditionFactory patiently() {
    return await();
  }

  private static void awaitTimeline(String address, int messages) {
    patiently().until(() -> redis.xlen(Pipeline.timeline(address)) == messages);
  }

  private static void awaitExactly(Subscriber subscriber, List<String> expected) {
    patiently().untilAsserted(() -> assertThat(subscriber.received).isEqualTo(expected));
  }

  private static void publish(String address, int first, int count) throws Exception {
    List<CompletableFuture<?>> unacknowledged = new ArrayList<>();
    for (String text : texts(first, count)) {
      unacknowledged.add(Clients.publish(publisher, address, text));
    }
    Clients.await(CompletableFuture.allOf(unacknowledged.toArray(CompletableFuture[]::new)));
  }

  private static void publishOne(String address, int number) {
    Clients.publish(publisher, address, Integer.toString(number)).join();
  }

  private static List<String> texts(int first, int count) {
    return IntStream.range(first, first + count).mapToObj(Integer::toString).toList();
  }
}
