// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.pabal.schemas.AvroCodec;
import io.pabal.schemas.Codecs;
import io.pabal.schemas.Location;
import io.pabal.schemas.MalformedRecordException;
import io.pabal.schemas.Message;
import io.pabal.schemas.RecordType;
import io.pabal.schemas.SchemaFiles;
import io.pabal.schemas.SchemaIds;
import io.pabal.schemas.SchemaPendingException;
import io.pabal.schemas.registry.PlayedRegistry.Answer;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.apache.avro.JsonProperties;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SchemaRegistryTest {

  private PlayedRegistry server;

  @BeforeEach
  void start() throws IOException {
    server = new PlayedRegistry();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void shouldWriteUnderTheIdsOfTheRegistry() {
    server.add(SchemaBuilder.record("Other").fields().endRecord());

    try (var registry = SchemaRegistry.connect(RegistryConfig.at(server.url()))) {
      byte[] bytes = registry.codecs().message().encode(message());

      assertThat(idOf(bytes)).isEqualTo(2);
      assertThat(registry.codecs().message().decode(bytes)).isEqualTo(message());
      assertThat(server.requests)
          .containsExactly(
              "/api/subjects/messages-value/versions",
              "/api/subjects/locations-value/versions",
              "/api/subjects/connectors-value/versions",
              "/api/subjects/sessions-value/versions",
              "/api/subjects/unrouted-value/versions");
    }
  }

  @Test
  void shouldReadFixedAndRegisteredIdsSideBySideWithoutAsking() {
    try (var registry = SchemaRegistry.connect(RegistryConfig.at(server.url()))) {
      int asked = server.requests.size();
      byte[] before = Codecs.MESSAGE.encode(message());
      byte[] after = registry.codecs().message().encode(message());

      assertThat(registry.codecs().message().decode(before)).isEqualTo(message());
      assertThat(registry.codecs().message().decode(after)).isEqualTo(message());
      assertThat(server.requests).hasSize(asked);
    }
  }

  @Test
  void shouldAskOnceForTheSchemaOfAnotherRelease() {
    try (var registry = SchemaRegistry.connect(RegistryConfig.at(server.url()))) {
      Schema newer = withField(SchemaFiles.current(RecordType.LOCATION));
      int id = server.add(newer);
      AvroCodec<Location> codec = registry.codecs().location();
      byte[] bytes = newer(id, codec.encode(location()));

      // At first the schema is not known yet: the call does not wait, and the record is not lost.
      assertThatThrownBy(() -> codec.decode(bytes)).isInstanceOf(SchemaPendingException.class);

      await().untilAsserted(() -> assertThat(codec.decode(bytes)).isEqualTo(location()));
      for (int i = 0; i < 100; i++) {
        codec.decode(bytes);
      }
      assertThat(server.requestsOf("/api/schemas/ids/" + id)).isEqualTo(1);
    }
  }

  @Test
  void shouldWaitForAnUnknownIdWhereThatIsAllowed() {
    try (var registry = SchemaRegistry.connect(RegistryConfig.at(server.url()))) {
      int id = server.add(withField(SchemaFiles.current(RecordType.LOCATION)));
      AvroCodec<Location> codec = registry.codecs().location();
      byte[] bytes = newer(id, codec.encode(location()));

      assertThat(codec.decodeAwaiting(bytes)).isEqualTo(location());
    }
  }

  @Test
  void shouldAskAgainWhenTheRegistryWasAwayAndGiveUpOnlyOnAnIdThatItDenies() {
    try (var registry = SchemaRegistry.connect(RegistryConfig.at(server.url()))) {
      AvroCodec<Message> codec = registry.codecs().message();
      byte[] bytes = codec.encode(message());
      ByteBuffer.wrap(bytes).putInt(1, 77);
      server.answers.put("/api/schemas/ids/77", new Answer(503, "later"));

      await()
          .untilAsserted(
              () -> {
                assertThatThrownBy(() -> codec.decode(bytes))
                    .isInstanceOf(SchemaPendingException.class)
                    .hasMessageContaining("503");
                assertThat(server.requestsOf("/api/schemas/ids/77")).isGreaterThan(1);
              });

      server.answers.clear();
      await()
          .untilAsserted(
              () ->
                  assertThatThrownBy(() -> codec.decode(bytes))
                      .isInstanceOf(MalformedRecordException.class)
                      .hasMessageContaining("schema id 77"));
    }
  }

  @Test
  void shouldSkipARecordWhoseSchemaIsNotAvro() {
    try (var registry = SchemaRegistry.connect(RegistryConfig.at(server.url()))) {
      AvroCodec<Message> codec = registry.codecs().message();
      byte[] bytes = codec.encode(message());
      ByteBuffer.wrap(bytes).putInt(1, 78);
      server.answers.put(
          "/api/schemas/ids/78",
          new Answer(200, "{\"schemaType\":\"PROTOBUF\",\"schema\":\"message A {}\"}"));

      await()
          .untilAsserted(
              () ->
                  assertThatThrownBy(() -> codec.decode(bytes))
                      .isInstanceOf(MalformedRecordException.class));
    }
  }

  @Test
  void shouldRefuseAnIdOfAnotherRecord() {
    try (var registry = SchemaRegistry.connect(RegistryConfig.at(server.url()))) {
      byte[] location = registry.codecs().location().encode(location());

      assertThatThrownBy(() -> registry.codecs().message().decodeAwaiting(location))
          .isInstanceOf(MalformedRecordException.class)
          .hasMessageContaining("io.pabal.schemas.Location");
    }
  }

  @Test
  void shouldOnlyLookUpWhenToldNotToRegister() {
    server.answers.put("/api/subjects/messages-value", new Answer(200, "{\"id\":41}"));
    server.answers.put("/api/subjects/locations-value", new Answer(404, "{\"error_code\":40401}"));
    var config = new RegistryConfig(server.url(), false, null);

    assertThatThrownBy(() -> SchemaRegistry.connect(config))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("subject locations-value")
        .hasMessageContaining("schema.registry.autoRegister");
    assertThat(server.requests).noneMatch(path -> path.endsWith("/versions"));
  }

  @Test
  void shouldReadWithoutRegistering() {
    server.answers.put("/api/subjects/locations-value", new Answer(404, "{\"error_code\":40401}"));
    int newer = server.add(withField(SchemaFiles.current(RecordType.LOCATION)));

    try (var registry = SchemaRegistry.connectToRead(RegistryConfig.at(server.url()))) {
      AvroCodec<Location> codec = registry.codecs().location();
      byte[] fixed = Codecs.LOCATION.encode(location());

      assertThat(codec.decode(fixed)).isEqualTo(location());
      assertThat(codec.decodeAwaiting(newer(newer, fixed))).isEqualTo(location());
      assertThat(codec.schemaId()).isEqualTo(Codecs.LOCATION.schemaId());
      assertThat(server.requests).noneMatch(path -> path.endsWith("/versions"));
    }
  }

  @Test
  void shouldNotTakeTheWrongPathForARegistryWithoutSchemas() {
    server.answers.put("/api/subjects/messages-value", new Answer(404, "<html>not here</html>"));

    assertThatThrownBy(() -> SchemaRegistry.connectToRead(RegistryConfig.at(server.url())))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("HTTP 404")
        .hasMessageContaining("Check the path of the URL");
  }

  @Test
  void shouldSayThatASchemaIsIncompatible() {
    server.answers.put(
        "/api/subjects/messages-value/versions",
        new Answer(
            409, "{\"error_code\":409,\"message\":\"Schema being registered is incompatible\"}"));

    assertThatThrownBy(() -> SchemaRegistry.connect(RegistryConfig.at(server.url())))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("subject messages-value")
        .hasMessageContaining("Schema being registered is incompatible")
        .hasMessageContaining("(expected: ");
  }

  @Test
  void shouldSayThatTheAnswerIsNoRegistrys() {
    server.answers.put(
        "/api/subjects/messages-value/versions", new Answer(200, "<html>\nwelcome</html>"));

    assertThatThrownBy(() -> SchemaRegistry.connect(RegistryConfig.at(server.url())))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("`<html> welcome</html>`")
        .hasMessageContaining("Confluent's schema registry API");
  }

  @Test
  void shouldRefuseAnIdThatCouldBeAFixedOne() {
    server.answers.put(
        "/api/subjects/messages-value/versions",
        new Answer(200, "{\"id\":" + SchemaIds.FIRST + "}"));

    assertThatThrownBy(() -> SchemaRegistry.connect(RegistryConfig.at(server.url())))
        .isInstanceOf(RegistryException.class);
  }

  @Test
  void shouldSayThatTheRegistryIsNotThere() {
    URI gone = server.url("me:secret");
    server.close();

    assertThatThrownBy(() -> SchemaRegistry.connect(RegistryConfig.at(gone)))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("does not answer")
        .hasMessageNotContaining("secret");
  }

  @Test
  void shouldWaitAtTheStartForRegistryThatIsSlow() {
    server.open = new CountDownLatch(1);
    // Longer than a lookup may take, so that it is the bound of the start that holds here.
    Executor later = CompletableFuture.delayedExecutor(6, TimeUnit.SECONDS);
    server.onRequest = () -> later.execute(server.open::countDown);

    try (var registry = SchemaRegistry.connect(RegistryConfig.at(server.url()))) {
      assertThat(registry.codecs().message().encode(message())).isNotEmpty();
    }
  }

  @Test
  void shouldSendTheCredentialsOfTheUrl() {
    SchemaRegistry.connect(RegistryConfig.at(server.url("me:se%20cret"))).close();

    assertThat(server.authorizations).containsOnly("Basic bWU6c2UgY3JldA==");
  }

  @Test
  void shouldEncodeWithTheSerializerThatIsNamed() {
    var config = new RegistryConfig(server.url(), true, RegisteringSerializer.class.getName());

    try (var registry = SchemaRegistry.connect(config)) {
      byte[] bytes = registry.codecs().message().encode(message());

      assertThat(idOf(bytes)).isEqualTo(registry.codecs().message().schemaId());
      assertThat(registry.codecs().message().decode(bytes)).isEqualTo(message());
      assertThat(RegisteringSerializer.encoded).contains("messages");
      assertThat(server.requestsOf("/api/subjects/messages-value/versions")).isEqualTo(1);
    }
  }

  @Test
  void shouldSayThatTheSerializerCannotBeUsed() {
    var missing = new RegistryConfig(server.url(), true, "com.example.Missing");
    var other = new RegistryConfig(server.url(), true, "java.lang.String");

    assertThatThrownBy(() -> SchemaRegistry.connect(missing))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("schema.serializer.class: com.example.Missing");
    assertThatThrownBy(() -> SchemaRegistry.connect(other))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("schema.serializer.class: java.lang.String");
  }

  /** The schema of a later release, with a further optional field as its first one. */
  private static Schema withField(Schema schema) {
    List<Schema.Field> fields = new ArrayList<>();
    Schema text = SchemaBuilder.unionOf().nullType().and().stringType().endUnion();
    fields.add(new Schema.Field("added", text, "", JsonProperties.NULL_VALUE));
    schema.getFields().forEach(field -> fields.add(new Schema.Field(field, field.schema())));
    return Schema.createRecord(
        schema.getName(), schema.getDoc(), schema.getNamespace(), false, fields);
  }

  /** The value as the later release would write it: with a null before the other fields. */
  private static byte[] newer(int id, byte[] value) {
    return ByteBuffer.allocate(value.length + 1)
        .put(AvroCodec.MAGIC)
        .putInt(id)
        .put((byte) 0)
        .put(value, AvroCodec.PREFIX_BYTES, value.length - AvroCodec.PREFIX_BYTES)
        .array();
  }

  private static int idOf(byte[] bytes) {
    return ByteBuffer.wrap(bytes).getInt(1);
  }

  private static Message message() {
    return (Message) Samples.of(RecordType.MESSAGE);
  }

  private static Location location() {
    return (Location) Samples.of(RecordType.LOCATION);
  }
}
