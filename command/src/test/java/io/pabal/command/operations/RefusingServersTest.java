// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.operations;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.pabal.command.ExitCode;
import io.pabal.command.operations.RunningPabal.Result;
import io.pabal.embedded.EmbeddedKafka;
import io.pabal.embedded.EmbeddedRedis;
import io.pabal.embedded.FreePort;
import io.pabal.embedded.GroupSettings;
import io.pabal.schemas.topic.TopicCatalogue;
import io.pabal.schemas.topic.TopicSetup;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every command says in one line, and by its exit code, that a server is away or refuses. */
class RefusingServersTest {

  static final String NOBODY = "127.0.0.1:1";

  /** Commands that ask Redis, before or after Kafka. */
  private static final List<String> OF_REDIS =
      List.of(
          "sessions list",
          "sessions show nobody",
          "sessions kick nobody",
          "missed --session nobody",
          "replay --from start --session nobody",
          "replay --from start",
          "rebuild");

  /** Commands that ask Kafka, before or after Redis. */
  private static final List<String> OF_KAFKA =
      List.of(
          "tail messages",
          "connectors list",
          "connectors drain c1",
          "connectors remove c1 --force",
          "topics list",
          "topics check",
          "missed --address rooms/1",
          "replay --from start",
          "rebuild");

  private static EmbeddedKafka kafka;
  private static EmbeddedRedis redis;
  private static RedisClient client;

  @BeforeAll
  static void start(@TempDir Path directory) throws Exception {
    kafka =
        EmbeddedKafka.start(
            directory.resolve("kafka"),
            0,
            GroupSettings.QUICK,
            Map.of(
                "authorizer.class.name",
                "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
                "allow.everyone.if.no.acl.found",
                "true"));
    redis = EmbeddedRedis.start(directory.resolve("redis"), 0);
    client = RedisClient.create(redis.uri().toString());
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      TopicSetup.ensure(admin, TopicCatalogue.defaults().withPartitions(1).shared(), (short) -1);
    }
    writeToAllTopics();
  }

  /** So that there is something to read. */
  private static void writeToAllTopics() throws Exception {
    try (var producer =
        new KafkaProducer<>(
            Map.<String, Object>of("bootstrap.servers", kafka.bootstrapServers()),
            new StringSerializer(),
            new StringSerializer())) {
      for (String topic :
          List.of(TopicCatalogue.MESSAGES, TopicCatalogue.CONNECTORS, TopicCatalogue.SESSIONS)) {
        producer.send(new ProducerRecord<>(topic, "key", "garbage")).get();
      }
    }
  }

  @AfterAll
  static void stop() {
    client.shutdown();
    redis.close();
    kafka.close();
  }

  @Test
  void shouldSayThatRedisIsAway() throws Exception {
    URI nobody = URI.create("redis://user:swordfish@" + NOBODY);
    runAll(OF_REDIS, kafka.bootstrapServers(), nobody)
        .forEach(
            (command, result) ->
                assertOneLine(command, result, "pabal: redis: " + NOBODY + " cannot be reached: "));
  }

  @Test
  void shouldSayThatKafkaIsAway() throws Exception {
    runAll(OF_KAFKA, NOBODY, redis.uri())
        .forEach(
            (command, result) ->
                assertOneLine(
                    command,
                    result,
                    "pabal: kafka.bootstrapServers: " + NOBODY + " does not answer"));
  }

  @ParameterizedTest
  @CsvSource({
    "ACL SETUSER default -@all +hello +auth +ping +client +acl, ACL SETUSER default +@all, NOPERM",
    "CONFIG SET requirepass secret, CONFIG SET requirepass '', NOAUTH",
  })
  void shouldSayWhyRedisRefuses(String begin, String end, String said) throws Exception {
    try (var connection = client.connect()) {
      var commands = connection.sync();
      redis(commands, begin);
      try {
        runAll(OF_REDIS, kafka.bootstrapServers(), redis.uri())
            .forEach((command, result) -> assertOneLine(command, result, said));
      } finally {
        redis(commands, end);
      }
    }
  }

  @Test
  void shouldSayWhyKafkaRefuses() throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      var rule =
          new AclBinding(
              new ResourcePattern(ResourceType.TOPIC, "*", PatternType.LITERAL),
              new AccessControlEntry("User:*", "*", AclOperation.READ, AclPermissionType.DENY));
      var others =
          new AclBinding(
              new ResourcePattern(ResourceType.TOPIC, "*", PatternType.LITERAL),
              new AccessControlEntry(
                  "User:*", "*", AclOperation.DESCRIBE, AclPermissionType.ALLOW));
      admin.createAcls(List.of(rule, others)).all().get();
      try {
        runAll(
                List.of(
                    "tail messages",
                    "connectors list",
                    "connectors drain c1",
                    "connectors remove c1 --force",
                    "rebuild"),
                kafka.bootstrapServers(),
                redis.uri())
            .forEach(
                (command, result) ->
                    assertOneLine(command, result, "Give this user the right (kafka-acls)."));
      } finally {
        admin.deleteAcls(List.of(rule.toFilter(), others.toFilter())).all().get();
      }
    }
  }

  @Test
  void shouldSayInOneLineThatARoleDoesNotStartWithoutRedis(@TempDir Path directory)
      throws Exception {
    String nobody = "redis://user:swordfish@" + NOBODY;
    for (String role : List.of("connector", "timeline")) {
      Path file = roleFile(directory, role, kafka.bootstrapServers(), nobody);

      Result result = RunningPabal.runAsIs(role, "--config", file.toString());

      assertOneReason(role, result, "redis: " + NOBODY + " cannot be reached: ");
    }
  }

  static void assertOneReason(String role, Result result, String part) {
    assertThat(result.exitCode()).as(role + result).isEqualTo(ExitCode.UNREACHABLE);
    assertThat(result.err())
        .as(role)
        .doesNotContain("\tat ")
        .doesNotContain("swordfish")
        .doesNotContain("Exception");
    assertThat(result.err().lines().filter(line -> line.contains(" did not start: ")))
        .as(role + result)
        .singleElement()
        .asString()
        .contains(part);
  }

  static Path roleFile(Path directory, String role, String bootstrapServers, String redisUri)
      throws IOException {
    String text =
        "kafka:\n  bootstrapServers: %s\ntopics:\n  partitions: 1\nhttp:\n  port: %d\n"
            .formatted(bootstrapServers, FreePort.find());
    text +=
        switch (role) {
          case "connector" ->
              "redis:\n  uri: %s\nconnector:\n  id: c1\nlistener:\n  port: %d\n"
                  .formatted(redisUri, FreePort.find());
          case "timeline" -> "redis:\n  uri: %s\n".formatted(redisUri);
          default -> "router:\n  stateDirectory: %s\n".formatted(directory.resolve("state"));
        };
    return Files.writeString(directory.resolve(role + ".yaml"), text);
  }

  private static Map<String, Result> runAll(
      List<String> commands, String bootstrapServers, URI redisUri) throws Exception {
    Map<String, Future<Result>> running = new LinkedHashMap<>();
    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      for (String command : commands) {
        List<String> arguments = new ArrayList<>(List.of(command.split(" ", -1)));
        arguments.addAll(List.of("--bootstrap-servers", bootstrapServers));
        if (!command.startsWith("t") && !command.startsWith("connectors")) {
          arguments.addAll(List.of("--redis-uri", redisUri.toString()));
        }
        Callable<Result> run = () -> RunningPabal.runAsIs(arguments.toArray(String[]::new));
        running.put(command, executor.submit(run));
      }
    }
    Map<String, Result> results = new LinkedHashMap<>();
    for (var each : running.entrySet()) {
      results.put(each.getKey(), each.getValue().get());
    }
    return results;
  }

  private static void assertOneLine(String command, Result result, String part) {
    assertThat(result.exitCode()).as(command + result).isEqualTo(ExitCode.UNREACHABLE);
    assertThat(result.out()).as(command).isEmpty();
    assertThat(result.err().lines())
        .as(command)
        .singleElement()
        .asString()
        .startsWith("pabal: ")
        .contains(part)
        .doesNotContain("swordfish")
        .doesNotContain("Exception");
  }

  private static void redis(RedisCommands<String, String> commands, String line) {
    String[] words = line.replace("''", "").split(" ", -1);
    var arguments = new CommandArgs<>(StringCodec.UTF8);
    for (int i = 1; i < words.length; i++) {
      arguments.add(words[i]);
    }
    var _ =
        commands.dispatch(
            CommandType.valueOf(words[0]), new StatusOutput<>(StringCodec.UTF8), arguments);
  }
}
