// SPDX-License-Identifier: Apache-2.0
package io.pabal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import io.lettuce.core.cluster.api.sync.RedisClusterCommands;
import io.pabal.command.ExitCode;
import io.pabal.endtoend.Clients.Subscriber;
import io.pabal.endtoend.Operator.Run;
import io.pabal.schemas.topic.Feeds;
import io.pabal.schemas.topic.TopicCatalogue;
import io.pabal.sessioncache.session.SessionKeys;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code pabal replay --force}: what was acknowledged is sent again, and nothing is lost by it. */
class ForcedReplayTest {

  private static final int MESSAGES = 20;

  private static Pipeline pipeline;
  private static TestRedis.Client redisClient;
  private static RedisClusterCommands<String, String> redis;
  private static Path places;
  private static Mqtt5AsyncClient publisher;

  @BeforeAll
  static void start(@TempDir Path data) throws Exception {
    pipeline = Pipeline.start(data.resolve("pipeline"), 2);
    places = data;
    redisClient = TestRedis.Client.of(pipeline.redisUri());
    redis = redisClient.commands();
    publisher = Clients.connect(pipeline.port(1), "publisher");
  }

  @AfterAll
  static void stop() throws Exception {
    Clients.await(publisher.disconnect());
    redisClient.close();
    pipeline.close();
  }

  @Test
  void shouldSendTheRangeAgainInOrderAndThenWhatFlowsMeanwhile() throws Exception {
    // Given two live sessions on two connectors that have acknowledged all, while more flows
    String address = "rooms/live";
    List<Subscriber> live =
        List.of(
            Clients.persistent(pipeline.port(1), "live1", true),
            Clients.persistent(pipeline.port(2), "live2", true));
    for (Subscriber each : live) {
      each.subscribe(address);
    }
    publish(address, 0, MESSAGES);
    awaitCursors("live1", "live2");
    String to = end(address);
    AtomicInteger published = new AtomicInteger(MESSAGES);
    AtomicBoolean stopped = new AtomicBoolean();
    CompletableFuture<Void> load =
        CompletableFuture.runAsync(
            () -> {
              while (!stopped.get()) {
                String text = Integer.toString(published.getAndIncrement());
                Clients.publish(publisher, address, text).join();
              }
            });
    for (Subscriber each : live) {
      patiently().until(() -> each.received.size() > 2 * MESSAGES);
    }

    // When
    Run forced = force("--address", address, "--to", to);
    int then = published.get();
    patiently().until(() -> published.get() > then + 100);
    stopped.set(true);
    load.join();

    // Then
    assertThat(forced.number("messages")).isEqualTo(MESSAGES);
    assertThat(forced.number("live")).isEqualTo(2);
    assertThat(forced.number("liveMessages")).isEqualTo(2 * MESSAGES);
    assertThat(forced.number("away")).isZero();
    for (Subscriber each : live) {
      patiently().until(() -> each.received.size() >= published.get() + MESSAGES);
      List<String> received = List.copyOf(each.received);
      int turn = received.lastIndexOf("0");
      assertThat(turn).isGreaterThan(MESSAGES);
      List<String> expected = new ArrayList<>(texts(0, turn));
      expected.addAll(texts(0, MESSAGES));
      expected.addAll(texts(turn, published.get() - turn));
      assertThat(received).isEqualTo(expected);
      each.disconnect();
    }
    // and their cursors have come to the end
    awaitCursors("live1", "live2");
  }

  @Test
  void shouldSendTheRangeAgainWhenAwaySessionsComeBack() throws Exception {
    // Given
    String address = "rooms/away";
    List<Subscriber> leaving =
        List.of(
            Clients.persistent(pipeline.port(1), "away1", true),
            Clients.persistent(pipeline.port(1), "away2", true));
    for (Subscriber each : leaving) {
      each.subscribe(address);
    }
    publish(address, 0, MESSAGES);
    for (Subscriber each : leaving) {
      awaitExactly(each, texts(0, MESSAGES));
    }
    awaitCursors("away1", "away2");
    for (Subscriber each : leaving) {
      each.leave(redis);
    }

    // When one of them is meant
    Run one = force("--session", "away1", "--address", address);

    // Then
    assertThat(one.number("away")).isEqualTo(1);
    assertThat(one.number("awayMessages")).isEqualTo(MESSAGES);
    assertThat(one.number("live")).isZero();
    publish(address, MESSAGES, 1);
    assertReturns("away1", texts(0, MESSAGES + 1));
    assertReturns("away2", texts(MESSAGES, 1));

    // When all are, of which one seems to be held by a connector that is gone
    assertThat(redis.hset(SessionKeys.session("away2"), "owner", "c9")).isFalse();
    Run all = force("--address", address);

    // Then
    assertThat(all.number("away")).isEqualTo(2);
    assertReturns("away1", texts(0, MESSAGES + 1));
    assertReturns("away2", texts(0, MESSAGES + 1));
    assertReturns("away2", List.of());
  }

  @Test
  void shouldSendToTheSessionThatIsMeantAlone() throws Exception {
    // Given
    String address = "rooms/one";
    Subscriber meant = Clients.persistent(pipeline.port(1), "meant", true);
    Subscriber other = Clients.persistent(pipeline.port(1), "other", true);
    meant.subscribe(address);
    other.subscribe(address);
    publish(address, 0, MESSAGES);
    awaitCursors("meant", "other");

    // When it is not forced, or nothing is to be done
    assertThat(replay("--address", address).number("owed")).isZero();
    Run dry = force("--address", address, "--dry-run");
    assertThat(dry.number("live")).isEqualTo(2);
    assertThat(dry.number("liveMessages")).isEqualTo(2 * MESSAGES);

    // Then nothing is sent
    publish(address, MESSAGES, 1);
    awaitExactly(meant, texts(0, MESSAGES + 1));
    awaitExactly(other, texts(0, MESSAGES + 1));

    // When
    Run forced = force("--session", "meant", "--address", address);
    publish(address, MESSAGES + 1, 1);

    // Then
    assertThat(forced.number("live")).isEqualTo(1);
    awaitExactly(other, texts(0, MESSAGES + 2));
    patiently().until(() -> meant.received.size() == 2 * MESSAGES + 3);
    assertThat(meant.received)
        .startsWith(texts(0, MESSAGES + 1).toArray(String[]::new))
        .endsWith(Integer.toString(MESSAGES + 1));
    meant.disconnect();
    other.disconnect();
  }

  @Test
  void shouldAskNobodyTwiceWhenItGoesOn() throws Exception {
    // Given two addresses in two partitions, of which the first is done when it is interrupted
    String from = "@" + Instant.now();
    int partitions = TopicCatalogue.defaults().partitions();
    String first = address("slow/first-", 0, partitions);
    String second = address("slow/second-", partitions - 1, partitions);
    Subscriber subscriber = Clients.persistent(pipeline.port(2), "slow", true);
    subscriber.subscribe(first);
    subscriber.subscribe(second);
    Subscriber leaving = Clients.persistent(pipeline.port(1), "returning", true);
    leaving.subscribe(first);
    publish(first, 0, MESSAGES);
    publish(second, 100, 10 * MESSAGES);
    awaitCursors("slow", "returning");
    leaving.leave(redis);
    Path place = places.resolve("interrupted");
    String[] line = {
      "replay",
      "--from",
      from,
      "--prefix",
      "slow/",
      "--rate",
      "100/s",
      "--force",
      "--resume-file",
      place.toString()
    };
    Thread interrupted = new Thread(() -> run(line));
    interrupted.start();
    patiently().until(() -> Files.exists(place));

    // When
    interrupted.interrupt();
    interrupted.join();
    patiently().until(() -> subscriber.received.size() >= 12 * MESSAGES);
    Subscriber returning = Clients.persistent(pipeline.port(1), "returning", false);
    Run resumed = run(line);

    // Then
    assertThat(resumed.err()).contains("goes on where it was interrupted");
    assertThat(resumed.number("liveMessages")).isEqualTo(12 * MESSAGES);
    publish(first, MESSAGES, 1);
    publish(second, 100 + 10 * MESSAGES, 1);
    patiently().until(() -> subscriber.received.size() >= 22 * MESSAGES + 2);
    assertThat(subscriber.received.stream().filter(text -> text.length() < 3).toList())
        .isEqualTo(twice(0, MESSAGES));
    assertThat(subscriber.received.stream().filter(text -> text.length() == 3).toList())
        .isEqualTo(twice(100, 10 * MESSAGES));
    assertThat(Files.exists(place)).isFalse();
    // and who came back after it had been begun was not forgotten
    awaitExactly(returning, texts(0, MESSAGES + 1));
    subscriber.disconnect();
    returning.disconnect();
  }

  private static void assertReturns(String clientId, List<String> expected) throws Exception {
    Subscriber back = Clients.persistent(pipeline.port(2), clientId, false);
    awaitExactly(back, expected);
    awaitCursors(clientId);
    back.leave(redis);
    assertThat(back.received).isEqualTo(expected);
  }

  private static Run run(String... arguments) {
    return Operator.of(pipeline).with("--format", "json").run(arguments);
  }

  private static Run force(String... more) {
    List<String> arguments = new ArrayList<>(List.of(more));
    arguments.add("--force");
    return replay(arguments.toArray(String[]::new));
  }

  private static Run replay(String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "replay", "--from", "-1h", "--resume-file", places.resolve("place").toString()));
    arguments.addAll(List.of(more));
    Run run = run(arguments.toArray(String[]::new));
    assertThat(run.exitCode()).as(run.toString()).isEqualTo(ExitCode.OK);
    return run;
  }

  private static ConditionFactory patiently() {
    return await();
  }

  /** Waits until the cursors in Redis have come to the end. */
  private static void awaitCursors(String... clientIds) {
    for (String each : clientIds) {
      patiently().until(() -> run("missed", "--session", each).out().strip().equals("[ ]"));
    }
  }

  private static void awaitExactly(Subscriber subscriber, List<String> expected) {
    patiently().untilAsserted(() -> assertThat(subscriber.received).isEqualTo(expected));
  }

  private static String address(String prefix, int partition, int partitions) {
    return IntStream.iterate(0, i -> i + 1)
        .mapToObj(i -> prefix + i)
        .filter(each -> new Feeds(partitions, 2).partitionOf(each) == partition)
        .findFirst()
        .orElseThrow();
  }

  /** Behind the newest message of the address, as a position. */
  private static String end(String address) throws Exception {
    int partition = TopicCatalogue.defaults().feeds().partitionOf(address);
    var source = new TopicPartition(TopicCatalogue.MESSAGES, partition);
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", pipeline.bootstrapServers()))) {
      var ends = admin.listOffsets(Map.of(source, OffsetSpec.latest()));
      return partition + ":" + ends.partitionResult(source).get().offset();
    }
  }

  private static void publish(String address, int first, int count) throws Exception {
    List<CompletableFuture<?>> unacknowledged = new ArrayList<>();
    for (String text : texts(first, count)) {
      unacknowledged.add(Clients.publish(publisher, address, text));
    }
    Clients.await(CompletableFuture.allOf(unacknowledged.toArray(CompletableFuture[]::new)));
  }

  private static List<String> twice(int first, int count) {
    List<String> all = new ArrayList<>(texts(first, count));
    all.addAll(texts(first, count + 1));
    return all;
  }

  private static List<String> texts(int first, int count) {
    return IntStream.range(first, first + count).mapToObj(Integer::toString).toList();
  }
}
