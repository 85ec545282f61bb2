// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.operations;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pabal.command.ExitCode;
import io.pabal.command.operations.RunningPabal.Result;
import io.pabal.connector.Connector;
import io.pabal.embedded.FreePort;
import io.pabal.schemas.Codecs;
import io.pabal.schemas.ConnectorState;
import io.pabal.schemas.ConnectorStatus;
import io.pabal.schemas.DeliveryHeader;
import io.pabal.schemas.topic.TopicCatalogue;
import io.pabal.schemas.topic.TopicSetup;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** {@code pabal connectors} against a running Pabal. */
@ExtendWith(RunningPabal.Extension.class)
class ConnectorsCommandTest {

  private static RunningPabal pabal;

  @BeforeAll
  static void start(RunningPabal running) {
    pabal = running;
  }

  @Test
  void shouldListConnectorsAndOrphanedTopics() throws Exception {
    createTopic("orphan");

    assertThat(entry("c1").get("state").asText()).isEqualTo("UP");
    assertThat(entry("c1").get("topic").asText()).isEqualTo("deliveries.c1");
    assertThat(entry("orphan").get("state").asText()).isEqualTo("ORPHANED");
    assertThat(entry("orphan").get("note").asText())
        .contains("pabal connectors remove orphan --force");
  }

  @Test
  void shouldDrainARunningConnectorAndWait() throws Exception {
    try (Connector connector = pabal.startConnector("drained")) {
      connector.drainAsked().thenRunAsync(connector::close);

      Result dryRun = pabal.run("connectors", "drain", "drained", "--dry-run");
      assertThat(dryRun.exitCode()).isEqualTo(ExitCode.OK);
      assertThat(connector.drainAsked().toCompletableFuture()).isNotDone();

      Result result = pabal.run("connectors", "drain", "drained", "--wait");

      assertThat(result.exitCode()).isEqualTo(ExitCode.OK);
      assertThat(result.err()).endsWith("pabal: drained has left\n");
      assertThat(entry("drained").get("state").asText()).isEqualTo("DOWN");
      assertThat(pabal.run("connectors", "drain", "drained").err())
          .isEqualTo("pabal: drained is DOWN, there is nothing to drain\n");
    }
  }

  @Test
  void shouldNotDrainALaterStartOfTheConnector() throws Exception {
    pabal.startConnector("again").close();
    long earlier = entry("again").get("incarnation").asLong();

    try (Connector connector = pabal.startConnector("again")) {
      drain("again", earlier);
      assertThat(connector.drainAsked().toCompletableFuture()).isNotDone();
      // What comes behind shows that the first one was read, and left alone.
      drain("again", entry("again").get("incarnation").asLong());
      Awaitility.await()
          .atMost(RunningPabal.PATIENCE)
          .until(() -> connector.drainAsked().toCompletableFuture().isDone());
    }
  }

  @Test
  void shouldNotRemoveAConnectorThatAnswers() {
    Result result = pabal.run("connectors", "remove", "c1", "--force");

    assertThat(result.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err())
        .startsWith("c1: is UP and answers at 127.0.0.1:")
        .contains("Use 'pabal connectors drain c1 --wait' first, or --even-if-it-answers.");
  }

  @Test
  void shouldRemoveAConnectorThatWillNotComeBack() throws Exception {
    createTopic("crashed");
    register(
        "crashed",
        new ConnectorState(7L, ConnectorStatus.UP, "127.0.0.1", FreePort.find(), Instant.now()));

    Result refused = pabal.run("connectors", "remove", "crashed");
    assertThat(refused.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(refused.err())
        .isEqualTo(
            "crashed: would remove the entry of crashed from connectors and delete topic deliveries.crashed. Add --force to do it.\n");
    assertThat(entry("crashed").get("state").asText()).isEqualTo("UP");

    Result removed = pabal.run("connectors", "remove", "crashed", "--force");

    assertThat(removed.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(removed.err())
        .isEqualTo(
            "pabal: crashed (incarnation 7) is DOWN\npabal: topic deliveries.crashed is deleted\npabal: crashed is removed\n");
    Awaitility.await()
        .atMost(RunningPabal.PATIENCE)
        .until(() -> pabal.run("connectors", "remove", "crashed").exitCode() == ExitCode.NOT_FOUND);
    List<String> states = pabal.run("tail", "connectors", "--key", "crashed").lines();
    assertThat(states.getLast()).endsWith(" crashed tombstone");
  }

  @Test
  void shouldNotActOnAConnectorWhoseEntryCannotBeRead() throws Exception {
    createTopic("unreadable");
    register(
        "unreadable",
        new ConnectorState(7L, ConnectorStatus.UP, "127.0.0.1", FreePort.find(), Instant.now()));
    byte[] ofARegistry = {0, 0, 0, 0, 5, 1};
    pabal.write(new ProducerRecord<>("connectors", "unreadable".getBytes(UTF_8), ofARegistry));

    assertThat(entry("unreadable").get("state").asText()).isEqualTo("UNREADABLE");
    Result drained = pabal.run("connectors", "drain", "unreadable");
    Result refused = pabal.run("connectors", "remove", "unreadable", "--force");

    for (Result each : List.of(drained, refused)) {
      assertThat(each.exitCode()).isEqualTo(ExitCode.USAGE);
      assertThat(each.err())
          .contains("unreadable: its entry in connectors cannot be read: schema id 5 (expected: ")
          .contains("--schema-registry-url");
    }
    assertThat(entry("unreadable").get("topic").asText()).isEqualTo("deliveries.unreadable");

    assertThat(
            pabal
                .run("connectors", "remove", "unreadable", "--force", "--even-if-it-answers")
                .exitCode())
        .isEqualTo(ExitCode.OK);
    assertThat(pabal.run("tail", "connectors", "--key", "unreadable").lines().getLast())
        .endsWith(" unreadable tombstone");
  }

  @Test
  void shouldNotSayThatAConnectorHasLeftWhenItsEntryBecomesUnreadable() throws Exception {
    createTopic("obscured");
    register(
        "obscured",
        new ConnectorState(7L, ConnectorStatus.UP, "127.0.0.1", FreePort.find(), Instant.now()));

    CompletableFuture<Result> draining =
        CompletableFuture.supplyAsync(() -> pabal.run("connectors", "drain", "obscured", "--wait"));
    Awaitility.await()
        .atMost(RunningPabal.PATIENCE)
        .until(() -> !pabal.run("tail", "deliveries.obscured").lines().isEmpty());
    byte[] ofARegistry = {0, 0, 0, 0, 5, 1};
    pabal.write(new ProducerRecord<>("connectors", "obscured".getBytes(UTF_8), ofARegistry));

    Result result = draining.join();
    assertThat(result.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err()).contains("obscured: its entry in connectors cannot be read: ");
    pabal.run("connectors", "remove", "obscured", "--force", "--even-if-it-answers");
  }

  @Test
  void shouldRemoveAConnectorThatAnswersWhenToldSoTwice() {
    try (Connector connector = pabal.startConnector("stubborn")) {
      Result result =
          pabal.run("connectors", "remove", "stubborn", "--force", "--even-if-it-answers");

      assertThat(result.exitCode()).isEqualTo(ExitCode.OK);
      Awaitility.await()
          .atMost(RunningPabal.PATIENCE)
          .until(() -> connector.terminated().toCompletableFuture().isCompletedExceptionally());
    }
  }

  @Test
  void shouldNameThoseThatExistWhenThereIsNoSuchConnector() {
    Result result = pabal.run("connectors", "drain", "nobody");

    assertThat(result.exitCode()).isEqualTo(ExitCode.NOT_FOUND);
    assertThat(result.err())
        .startsWith("pabal: connector nobody: does not exist (expected: one of ")
        .contains("c1");
  }

  private static JsonNode entry(String id) throws Exception {
    Result list = pabal.run("connectors", "list", "--format", "json");
    assertThat(list.exitCode()).isEqualTo(ExitCode.OK);
    for (JsonNode entry : new ObjectMapper().readTree(list.out())) {
      if (entry.get("connector").asText().equals(id)) {
        return entry;
      }
    }
    throw new AssertionError(id + " is not in " + list.out());
  }

  private static void createTopic(String id) throws Exception {
    try (Admin admin = pabal.admin()) {
      TopicSetup.ensure(admin, List.of(TopicCatalogue.deliveries(id, 1)), (short) -1);
    }
  }

  private static void register(String id, ConnectorState state) {
    pabal.write(
        new ProducerRecord<>(
            "connectors", id.getBytes(UTF_8), Codecs.CONNECTOR_STATE.encode(state)));
  }

  private static void drain(String id, long incarnation) {
    var header =
        new RecordHeader(DeliveryHeader.NAME, new DeliveryHeader.Drain(incarnation).toBytes());
    pabal.write(
        new ProducerRecord<>("deliveries." + id, 0, id.getBytes(UTF_8), null, List.of(header)));
  }
}
