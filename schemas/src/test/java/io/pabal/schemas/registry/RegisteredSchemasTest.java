// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pabal.schemas.MalformedRecordException;
import io.pabal.schemas.SchemaPendingException;
import io.pabal.schemas.registry.PlayedRegistry.Answer;
import io.pabal.schemas.registry.RegisteredSchemas.Pauses;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The effect of each kind of answer that a registry, or a proxy, gives instead of a schema. */
class RegisteredSchemasTest {

  private static final int ID = 77;
  private static final String PATH = "/api/schemas/ids/" + ID;
  private static final String NOT_FOUND =
      "{\"error_code\":40403,\"message\":\"Schema 77 not found\"}";
  private static final String HTML = "<html><body>Sign in</body></html>";
  private static final Schema SCHEMA =
      SchemaBuilder.record("Order").namespace("shop").fields().requiredString("id").endRecord();

  // One server for each test: a query that an earlier test left open would be answered here.
  private final PlayedRegistry server;
  private final RegistryClient client;
  private final RegisteredSchemas schemas;

  RegisteredSchemasTest() throws IOException {
    server = new PlayedRegistry();
    client = new RegistryClient(RegistryConfig.at(server.url()));
    schemas = schemas(60_000);
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  static Stream<Answer> answersWithoutASchema() {
    String json = "application/json";
    return Stream.of(
        new Answer(404, HTML, "text/html"),
        new Answer(404, HTML, json),
        new Answer(404, NOT_FOUND, "text/html"),
        new Answer(404, "", json),
        new Answer(404, "{\"error_code\":404,\"message\":\"HTTP 404 Not Found\"}"),
        new Answer(404, "{\"error_code\":40401,\"message\":\"Subject not found\"}"),
        new Answer(404, "{\"error_code\":\"forty\"}"),
        new Answer(404, "[40403]"),
        new Answer(500, NOT_FOUND),
        new Answer(502, HTML, "text/html"),
        new Answer(503, "later", "text/plain"),
        new Answer(401, NOT_FOUND),
        new Answer(403, "{\"error_code\":403}"),
        new Answer(429, "{\"error_code\":42901}"),
        new Answer(204, ""),
        new Answer(301, ""),
        new Answer(302, HTML, "text/html"),
        new Answer(307, ""),
        new Answer(200, ""),
        new Answer(200, HTML, "text/html"),
        new Answer(200, HTML),
        new Answer(200, NOT_FOUND),
        new Answer(200, "{\"schema\":\"\\\"str"),
        new Answer(200, "{}"),
        new Answer(200, "null"),
        new Answer(200, "\"string\""),
        new Answer(200, "{\"schema\":{\"type\":\"string\"}}"),
        new Answer(200, "{\"schema\":\"\"}"),
        new Answer(200, "{\"schema\":\"{\\\"type\\\":\\\"shop.Unknown\\\"}\"}"),
        new Answer(200, "{\"schema\":\"{\\\"type\\\":\\\"record\\\"}\"}"),
        new Answer(200, "{\"schema\":\"\\\"string\\\"\",\"references\":[{\"name\":\"a\"}]}"),
        new Answer(200, "{\"schema\":\"" + "x".repeat(2 << 20) + "\"}"));
  }

  @ParameterizedTest
  @MethodSource("answersWithoutASchema")
  void shouldAskAgainWhenTheAnswerIsNotTheRegistrys(Answer wrong) {
    server.answers.put(PATH, wrong);

    // More answers than it takes to believe that a schema does not exist.
    eventually()
        .untilAsserted(
            () -> {
              assertThatThrownBy(() -> schemas.get(ID)).isInstanceOf(SchemaPendingException.class);
              assertThat(schemas.unanswered().sum()).isGreaterThan(4);
            });
    assertThat(schemas.absent().sum()).isZero();

    server.answers.put(PATH, answer(SCHEMA));
    eventually().ignoreExceptions().until(() -> schemas.get(ID).equals(SCHEMA));
  }

  @Test
  void shouldBelieveTheRegistryOnlyWhenItSaysSeveralTimesThatThereIsNoSuchSchema() {
    server.answers.put(PATH, new Answer(404, NOT_FOUND));

    eventually()
        .until(() -> catchThrowable(() -> schemas.get(ID)) instanceof MalformedRecordException);

    assertThat(schemas.absent().sum()).isEqualTo(3);
    assertThat(schemas.unanswered().sum()).isZero();
  }

  @Test
  void shouldCountAnewWhenAnotherAnswerCameInBetween() {
    var notFound = new Answer(404, NOT_FOUND);
    var page = new Answer(404, HTML, "text/html");
    server.firstAnswers.put(
        PATH, new ConcurrentLinkedQueue<>(List.of(notFound, notFound, page, notFound, notFound)));
    server.answers.put(PATH, page);

    eventually()
        .until(
            () -> {
              assertThat(isPending()).isTrue();
              return schemas.unanswered().sum() >= 2;
            });

    assertThat(schemas.absent().sum()).isEqualTo(4);
  }

  @Test
  void shouldFindTheSchemaWhenItIsRegisteredAfterItWasBelievedAbsent() {
    RegisteredSchemas forgetful = schemas(50);
    server.answers.put(PATH, new Answer(404, NOT_FOUND));
    eventually()
        .until(
            () -> catchThrowable(() -> forgetful.get(ID)) != null && forgetful.absent().sum() >= 3);

    server.answers.put(PATH, answer(SCHEMA));

    eventually().ignoreExceptions().until(() -> forgetful.get(ID).equals(SCHEMA));
  }

  @Test
  void shouldNotBelieveThatASchemaIsAbsentWhileItIsAskedForAgain() {
    RegisteredSchemas forgetful = schemas(1);
    server.answers.put(PATH, new Answer(404, NOT_FOUND));
    // The fourth query begins when the third answer has made the id absent.
    eventually()
        .until(
            () -> catchThrowable(() -> forgetful.get(ID)) != null && forgetful.absent().sum() >= 4);

    server.open = new CountDownLatch(1);

    eventually()
        .until(() -> catchThrowable(() -> forgetful.get(ID)) instanceof SchemaPendingException);
    assertThat(forgetful.unanswered().sum()).as("the query has no answer yet").isZero();
    server.answers.put(PATH, new Answer(503, "later"));
    server.open.countDown();
    eventually()
        .until(
            () ->
                catchThrowable(() -> forgetful.get(ID)) instanceof SchemaPendingException
                    && forgetful.unanswered().sum() > 0);
  }

  @Test
  void shouldSkipASchemaThatTheRegistrySaysIsNotAvro() {
    server.answers.put(
        PATH, new Answer(200, "{\"schemaType\":\"PROTOBUF\",\"schema\":\"message A {}\"}"));

    eventually()
        .until(() -> catchThrowable(() -> schemas.get(ID)) instanceof MalformedRecordException);

    assertThatThrownBy(() -> schemas.get(ID)).hasMessageContaining("PROTOBUF");
  }

  @Test
  void shouldResolveReferencesOfReferences() {
    server.answers.put(
        PATH,
        answer(
            "{\"type\":\"record\",\"name\":\"Cart\",\"fields\":[{\"name\":\"a\",\"type\":\"shop.Order\"},{\"name\":\"b\",\"type\":\"shop.Id\"}]}",
            new Reference("shop.Order", "orders value/1", 3),
            new Reference("shop.Id", "ids", 1)));
    // A subject may have any characters.
    server.answers.put(
        "/api/subjects/orders value/1/versions/3",
        answer(
            "{\"type\":\"record\",\"namespace\":\"shop\",\"name\":\"Order\",\"fields\":[{\"name\":\"id\",\"type\":\"Id\"}]}",
            new Reference("shop.Id", "ids", 1)));
    server.answers.put(
        "/api/subjects/ids/versions/1",
        answer("{\"type\":\"fixed\",\"namespace\":\"shop\",\"name\":\"Id\",\"size\":8}"));

    eventually().ignoreExceptions().until(() -> schemas.get(ID) != null);

    Schema found = schemas.get(ID);
    assertThat(found.getField("a").schema().getField("id").schema().getFixedSize()).isEqualTo(8);
    assertThat(server.requestsOf("/api/subjects/ids/versions/1")).isEqualTo(1);
  }

  @Test
  void shouldAskAgainWhenAReferenceIsNotAnswered() {
    server.answers.put(
        PATH,
        answer(
            "{\"type\":\"array\",\"items\":\"shop.Order\"}",
            new Reference("shop.Order", "orders", 1)));
    String path = "/api/subjects/orders/versions/1";
    server.answers.put(path, new Answer(404, "{\"error_code\":40402}"));
    eventually().until(() -> isPending() && schemas.unanswered().sum() > 3);

    server.answers.put(path, answer(SCHEMA));

    eventually().ignoreExceptions().until(() -> schemas.get(ID).getElementType().equals(SCHEMA));
  }

  @Test
  void shouldGiveUpAReferenceThatLeadsBackToItself() {
    var itself = new Reference("shop.Order", "orders", 1);
    Answer answer = answer("{\"type\":\"array\",\"items\":\"shop.Order\"}", itself);
    server.answers.put(PATH, answer);
    server.answers.put("/api/subjects/orders/versions/1", answer);

    eventually().until(() -> isPending() && schemas.unanswered().sum() > 0);

    assertThat(server.requestsOf("/api/subjects/orders/versions/1"))
        .isLessThanOrEqualTo(server.requestsOf(PATH));
  }

  @Test
  void shouldBoundReferences() {
    Reference[] many =
        IntStream.range(0, 200)
            .mapToObj(i -> new Reference("shop.N" + i, "n" + i, 1))
            .toArray(Reference[]::new);
    server.answers.put(PATH, answer("\"string\"", many));
    for (int i = 0; i < many.length; i++) {
      server.answers.put(
          "/api/subjects/n" + i + "/versions/1",
          answer("{\"type\":\"fixed\",\"name\":\"N" + i + "\",\"size\":1}"));
    }

    eventually()
        .untilAsserted(
            () ->
                assertThatThrownBy(() -> schemas.get(ID))
                    .isInstanceOf(SchemaPendingException.class)
                    .hasMessageContaining("at most 16 and 100"));
    assertThat(schemas.unanswered().sum()).isPositive();
  }

  private static ConditionFactory eventually() {
    return Awaitility.await().atMost(Duration.ofMinutes(1)).pollInterval(Duration.ofMillis(5));
  }

  private boolean isPending() {
    return catchThrowable(() -> schemas.get(ID)) instanceof SchemaPendingException;
  }

  private RegisteredSchemas schemas(long absentMillis) {
    return new RegisteredSchemas(
        RegistryConfig.at(server.url()), client, new Pauses(1, 5, absentMillis));
  }

  private record Reference(String name, String subject, int version) {}

  private static Answer answer(Schema schema) {
    return answer(schema.toString());
  }

  private static Answer answer(String schema, Reference... references) {
    ObjectNode json = new ObjectMapper().createObjectNode().put("schema", schema);
    for (Reference each : references) {
      json.withArray("references")
          .addObject()
          .put("name", each.name)
          .put("subject", each.subject)
          .put("version", each.version);
    }
    return new Answer(200, json.toString());
  }
}
