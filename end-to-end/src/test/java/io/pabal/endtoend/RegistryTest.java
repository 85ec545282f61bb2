// SPDX-License-Identifier: Apache-2.0
package io.pabal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pabal.command.ExitCode;
import io.pabal.embedded.EmbeddedRegistry;
import io.pabal.endtoend.Clients.Subscriber;
import io.pabal.endtoend.Operator.Run;
import io.pabal.schemas.AvroCodec;
import io.pabal.schemas.Codecs;
import io.pabal.schemas.Message;
import io.pabal.schemas.RecordType;
import io.pabal.schemas.SchemaFiles;
import io.pabal.schemas.SchemaIds;
import io.pabal.schemas.registry.RegistryConfig;
import io.pabal.schemas.topic.TopicCatalogue;
import io.pabal.sessioncache.session.SessionKeys;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.avro.JsonProperties;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The pipeline with a real schema registry, Apicurio by its Confluent-compatible API. */
class RegistryTest {

  @TempDir static Path directory;

  private static EmbeddedRegistry registry;
  private static Pipeline pipeline;
  private static Operator stranger;
  private static Operator operator;
  private static TestRedis.Client redisClient;

  @BeforeAll
  static void start() throws Exception {
    registry = EmbeddedRegistry.start(RegistryApi.home(), directory.resolve("registry"), 0);
    pipeline = Pipeline.start(directory.resolve("pipeline"), 1, RegistryConfig.at(registry.uri()));
    stranger = Operator.of(pipeline);
    operator = stranger.with("--schema-registry-url", registry.uri().toString());
    redisClient = TestRedis.Client.of(pipeline.redisUri());
  }

  @AfterAll
  static void stop() {
    redisClient.close();
    pipeline.close();
    registry.close();
  }

  @Test
  void shouldWriteUnderTheIdsOfTheRegistryAndLeaveDeliveriesUntouched() throws Exception {
    Subscriber subscriber = Clients.persistent(pipeline.port(1), "ids-subscriber", true);
    subscriber.subscribe("rooms/ids");
    var publisher = Clients.connect(pipeline.port(1), "ids-publisher");

    Clients.await(Clients.publish(publisher, "rooms/ids", "hello"));

    await().untilAsserted(() -> assertThat(subscriber.received).containsExactly("hello"));
    byte[] message = lastValue(TopicCatalogue.MESSAGES, "rooms/ids");
    byte[] delivery = lastValue(TopicCatalogue.deliveriesTopic("c1"), "rooms/ids");
    assertThat(delivery).isEqualTo(message);
    int id = ByteBuffer.wrap(message).getInt(1);
    assertThat(SchemaIds.isFixed(id)).isFalse();
    var api = new RegistryApi(registry.uri());
    assertThat(api.get("/schemas/ids/" + id)).contains("PUBLISH");
    assertThat(api.get("/subjects"))
        .contains(
            "messages-value",
            "locations-value",
            "connectors-value",
            "sessions-value",
            "unrouted-value")
        .doesNotContain("deliveries");
  }

  @Test
  void shouldDeliverMessagesOfOtherReleasesInOrder() throws Exception {
    String address = "rooms/releases";
    Subscriber subscriber = Clients.persistent(pipeline.port(1), "releases-subscriber", true);
    subscriber.subscribe(address);
    var publisher = Clients.connect(pipeline.port(1), "releases-publisher");
    Schema newer = newer(SchemaFiles.current(RecordType.MESSAGE));
    int newerId = new RegistryApi(registry.uri()).register("messages-value", newer.toString());

    Clients.await(Clients.publish(publisher, address, "this release"));
    append(address, Codecs.MESSAGE.encode(message(address, "before the registry")));
    append(address, encoded(newer, newerId, message(address, "the next release")));
    Clients.await(Clients.publish(publisher, address, "this release again"));

    await()
        .untilAsserted(
            () ->
                assertThat(subscriber.received)
                    .containsExactly(
                        "this release",
                        "before the registry",
                        "the next release",
                        "this release again"));
    assertThat(pipeline.connector(1).metrics().deliveriesPending.sum()).isPositive();
    assertThat(pipeline.connector(1).metrics().malformed.sum()).isZero();
  }

  @Test
  void shouldShowOperatorsRecordsOfEveryRelease() throws Exception {
    String address = "rooms/tailed";
    Schema newer = newer(SchemaFiles.current(RecordType.MESSAGE));
    int newerId = new RegistryApi(registry.uri()).register("messages-value", newer.toString());
    var publisher = Clients.connect(pipeline.port(1), "tail-publisher");
    Clients.await(Clients.publish(publisher, address, "now"));
    append(address, Codecs.MESSAGE.encode(message(address, "before")));
    append(address, encoded(newer, newerId, message(address, "next")));

    Run tail = operator.run("tail", "messages", "--key", address);

    assertThat(tail.exitCode()).as(tail.toString()).isEqualTo(ExitCode.OK);
    assertThat(tail.out().lines().map(line -> line.replaceAll(".* payload=(\\S+).*", "$1")))
        .containsExactly("now", "before", "next");
    // Who does not know of the registry is told so, and sees the rest.
    assertThat(stranger.run("tail", "messages", "--key", address).out().lines())
        .satisfiesExactly(
            line -> assertThat(line).contains("garbage=", "set schema.registry.url"),
            line -> assertThat(line).contains(" payload=before "),
            line -> assertThat(line).contains("garbage=", "set schema.registry.url"));
  }

  @Test
  void shouldNotLetOperatorsRemoveConnectorWhoseEntryTheyCannotRead() {
    Run listed = operator.run("connectors", "list");
    assertThat(listed.out()).containsPattern("(?m)^c1 +UP ");
    assertThat(listed.err()).isEmpty();
    assertThat(stranger.run("connectors", "list").out()).containsPattern("(?m)^c1 +UNREADABLE ");

    for (String command : List.of("remove", "drain")) {
      Run refused =
          command.equals("remove")
              ? stranger.run("connectors", command, "c1", "--force")
              : stranger.run("connectors", command, "c1");
      assertThat(refused.exitCode()).as(refused.toString()).isEqualTo(ExitCode.USAGE);
      assertThat(refused.err())
          .contains("c1: its entry in connectors cannot be read: schema id ")
          .contains("--schema-registry-url");
    }
    Run answers = operator.run("connectors", "remove", "c1", "--force");
    assertThat(answers.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(answers.err()).contains("c1: is UP and answers at ");
    assertThat(operator.run("connectors", "drain", "c1", "--dry-run").err())
        .contains("would ask c1 ");
    assertThat(operator.run("topics", "check").out()).doesNotContain("unreadable");
    assertThat(stranger.run("topics", "check").out()).contains("unreadable");
  }

  @Test
  void shouldLetOperatorsEndAndDeleteSessions() throws Exception {
    Subscriber kicked = Clients.persistent(pipeline.port(1), "registry-kicked", true);

    Run kick = operator.run("sessions", "kick", "registry-kicked");
    Run delete = operator.run("sessions", "kick", "registry-kicked", "--delete", "--force");

    assertThat(kick.err()).isEqualTo("pabal: registry-kicked is disconnected from c1\n");
    await().until(() -> kicked.disconnectedBy.get() != null);
    assertThat(delete.exitCode()).as(delete.toString()).isEqualTo(ExitCode.OK);
    assertUnderTheRegistrysId(lastValue(TopicCatalogue.SESSIONS, "registry-kicked"));
    assertThat(operator.run("tail", "sessions", "--key", "registry-kicked").out())
        .contains("kind=CONNECTED")
        .contains("kind=EXPIRED")
        .doesNotContain("garbage");
  }

  @Test
  void shouldBringBackWhatRedisHasLost() throws Exception {
    String address = "rooms/recovered";
    var redis = redisClient.commands();
    Subscriber away = Clients.persistent(pipeline.port(1), "registry-away", true);
    away.subscribe(address);
    away.leave(redis);
    var publisher = Clients.connect(pipeline.port(1), "recovery-publisher");
    Clients.await(Clients.publish(publisher, address, "one"));
    Clients.await(Clients.publish(publisher, address, "two"));
    await().until(() -> redis.xlen(Pipeline.timeline(address)) == 2);

    redis.del(Pipeline.timeline(address), SessionKeys.session("registry-away"));
    Operator json = operator.with("--format", "json");
    Run unknown = stranger.with("--format", "json").run("rebuild", "--session", "registry-away");
    Run rebuild = json.run("rebuild", "--session", "registry-away");
    Run replay =
        json.run(
            "replay",
            "--from",
            "-1h",
            "--address",
            address,
            "--resume-file",
            directory.resolve("place").toString());

    assertThat(unknown.number("sessionsWritten")).isZero();
    assertThat(unknown.number("undecodable")).isPositive();
    assertThat(rebuild.number("undecodable")).isZero();
    assertThat(rebuild.number("sessionsWritten")).isEqualTo(1);
    assertThat(replay.exitCode()).as(replay.toString()).isEqualTo(ExitCode.OK);
    assertThat(replay.number("refilled")).isEqualTo(2);
    assertUnderTheRegistrysId(lastValue(TopicCatalogue.LOCATIONS, address));
    Subscriber back = Clients.persistent(pipeline.port(1), "registry-away", false);
    assertThat(back.sessionPresent).isTrue();
    await().untilAsserted(() -> assertThat(back.received).containsExactly("one", "two"));
  }

  private static void assertUnderTheRegistrysId(byte[] value) {
    assertThat(SchemaIds.isFixed(ByteBuffer.wrap(value).getInt(1))).isFalse();
  }

  private static Schema newer(Schema schema) {
    List<Schema.Field> fields = new ArrayList<>();
    schema.getFields().forEach(field -> fields.add(new Schema.Field(field, field.schema())));
    Schema text = SchemaBuilder.unionOf().nullType().and().stringType().endUnion();
    // In front, so that who takes it for its own schema reads nonsense.
    fields.addFirst(
        new Schema.Field("language", text, "What it is in.", JsonProperties.NULL_VALUE));
    return Schema.createRecord(
        schema.getName(), schema.getDoc(), schema.getNamespace(), false, fields);
  }

  private static Message message(String address, String payload) {
    return Message.newBuilder()
        .setAddress(address)
        .setPublishedAt(Instant.now())
        .setPayload(ByteBuffer.wrap(payload.getBytes(StandardCharsets.UTF_8)))
        .build();
  }

  /** As a connector of a later release would write it. */
  private static byte[] encoded(Schema newer, int id, Message message) throws IOException {
    var record =
        new GenericRecordBuilder(newer)
            .set("address", message.getAddress())
            .set("sender", "")
            .set("clientId", "")
            .set("publishedAt", message.getPublishedAt().toEpochMilli())
            .set("qos", 1)
            .set("payload", message.getPayload())
            .set("utf8Payload", false)
            .set("contentType", null)
            .set("responseTopic", null)
            .set("correlationData", null)
            .set("expiresAt", null)
            .set("userProperties", List.of())
            .set("language", "ko")
            .build();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(
        ByteBuffer.allocate(AvroCodec.PREFIX_BYTES).put(AvroCodec.MAGIC).putInt(id).array());
    var encoder = EncoderFactory.get().binaryEncoder(out, null);
    new GenericDatumWriter<>(newer).write(record, encoder);
    encoder.flush();
    return out.toByteArray();
  }

  private static void append(String address, byte[] value) throws Exception {
    Map<String, Object> settings = new HashMap<>();
    settings.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, pipeline.bootstrapServers());
    try (var producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      producer
          .send(
              new ProducerRecord<>(
                  TopicCatalogue.MESSAGES, address.getBytes(StandardCharsets.UTF_8), value))
          .get(30, TimeUnit.SECONDS);
    }
  }

  private static byte[] lastValue(String topic, String key) {
    Map<String, Object> settings =
        Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, pipeline.bootstrapServers());
    byte[] last = {};
    try (var consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(each -> new TopicPartition(topic, each.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      var ends = consumer.endOffsets(partitions);
      while (partitions.stream()
          .anyMatch(each -> consumer.position(each) < ends.getOrDefault(each, 0L))) {
        for (var record : consumer.poll(Duration.ofMillis(200))) {
          if (record.value() != null
              && key.equals(new String(record.key(), StandardCharsets.UTF_8))) {
            last = record.value();
          }
        }
      }
    }
    return last;
  }
}
