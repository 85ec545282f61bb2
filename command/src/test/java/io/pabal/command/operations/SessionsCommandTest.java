// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.operations;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5DisconnectException;
import com.hivemq.client.mqtt.mqtt5.message.disconnect.Mqtt5DisconnectReasonCode;
import io.pabal.command.ExitCode;
import io.pabal.command.operations.RunningPabal.Result;
import io.pabal.schemas.DeliveryHeader;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** {@code pabal sessions} against a running Pabal. */
@ExtendWith(RunningPabal.Extension.class)
class SessionsCommandTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  private static RunningPabal pabal;

  @BeforeAll
  static void start(RunningPabal running) {
    pabal = running;
  }

  @Test
  void shouldListSessionsByPresence() {
    Mqtt5BlockingClient live = pabal.subscriber("list-live", "sessions/list", context -> {});
    pabal.subscriber("list-away", "sessions/list", context -> {}).disconnect();
    try {
      awaitAway("list-away");

      assertThat(names("--prefix", "list-")).containsExactly("list-away", "list-live");
      assertThat(names("--prefix", "list-", "--live")).containsExactly("list-live");
      assertThat(names("--prefix", "list-", "--away")).containsExactly("list-away");
      assertThat(names("--prefix", "list-", "--connector", "c1")).containsExactly("list-live");
      Result limited = pabal.run("sessions", "list", "--prefix", "list-", "--limit", "1");
      assertThat(limited.lines()).hasSize(2);
      assertThat(limited.err()).contains("pabal: there are more than 1;");
    } finally {
      live.disconnect();
    }
  }

  @Test
  void shouldShowWhatIsStoredOfASession() throws Exception {
    Mqtt5BlockingClient client = pabal.subscriber("show-me", "sessions/show", context -> {});
    try {
      JsonNode shown = show("show-me");

      assertThat(shown.get("state").asText()).isEqualTo("live");
      assertThat(shown.get("connector").asText()).isEqualTo("c1");
      assertThat(shown.get("expirySeconds").asLong()).isEqualTo(3600);
      assertThat(shown.at("/subscriptions/0/address").asText()).isEqualTo("sessions/show");
      assertThat(shown.at("/subscriptions/0/qos").asInt()).isEqualTo(1);
      assertThat(shown.at("/subscriptions/0/cursor").asText()).matches("\\d:-?\\d+");
      assertThat(pabal.run("sessions", "show", "show-me").out())
          .contains("clientId        show-me\n", "sessions/show");
    } finally {
      client.disconnect();
    }
  }

  @Test
  void shouldKickALiveSessionAndKeepIt() throws Exception {
    CompletableFuture<Throwable> cause = new CompletableFuture<>();
    pabal.subscriber("kicked", "sessions/kick", context -> cause.complete(context.getCause()));

    Result result = pabal.run("sessions", "kick", "kicked");

    assertThat(result.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(result.err()).isEqualTo("pabal: kicked is disconnected from c1\n");
    assertThat(reasonOf(cause)).isEqualTo(Mqtt5DisconnectReasonCode.ADMINISTRATIVE_ACTION);
    assertThat(show("kicked").get("state").asText()).isEqualTo("away");
    assertThat(show("kicked").get("subscriptions")).hasSize(1);
    Awaitility.await()
        .atMost(RunningPabal.PATIENCE)
        .until(
            () -> pabal.run("tail", "sessions", "--key", "kicked").lines().getLast(),
            line -> line.contains("kind=DISCONNECTED") && line.contains("reason=administrative"));
    assertThat(pabal.run("sessions", "kick", "kicked").err())
        .isEqualTo("pabal: kicked is away, there is no connection to end\n");
  }

  @Test
  void shouldNotEndAConnectionThatIsNewerThanWhatTheOperatorSaw() throws Exception {
    CompletableFuture<Throwable> cause = new CompletableFuture<>();
    pabal.subscriber("newer", "sessions/newer", context -> cause.complete(context.getCause()));
    long epoch = show("newer").get("epoch").asLong();

    kick("newer", epoch - 1);
    // What comes behind for another client shows that the first one was read, and left alone.
    CompletableFuture<Throwable> behind = new CompletableFuture<>();
    pabal.subscriber("behind", "sessions/newer", context -> behind.complete(context.getCause()));
    kick("behind", show("behind").get("epoch").asLong());

    assertThat(reasonOf(behind)).isEqualTo(Mqtt5DisconnectReasonCode.ADMINISTRATIVE_ACTION);
    assertThat(cause).isNotDone();
    assertThat(pabal.run("sessions", "kick", "newer").exitCode()).isEqualTo(ExitCode.OK);
    assertThat(reasonOf(cause)).isEqualTo(Mqtt5DisconnectReasonCode.ADMINISTRATIVE_ACTION);
  }

  @Test
  void shouldDeleteALiveSessionOnlyWhenForced() throws Exception {
    CompletableFuture<Throwable> cause = new CompletableFuture<>();
    pabal.subscriber("deleted", "sessions/delete", context -> cause.complete(context.getCause()));

    Result refused = pabal.run("sessions", "kick", "deleted", "--delete");
    assertThat(refused.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(refused.err())
        .isEqualTo(
            "deleted: would end its connection on c1 and delete the session with 1 subscriptions. Add --force to do it.\n");
    assertThat(cause).isNotDone();
    assertThat(pabal.run("sessions", "kick", "deleted", "--delete", "--dry-run").exitCode())
        .isEqualTo(ExitCode.OK);
    assertThat(show("deleted").get("state").asText()).isEqualTo("live");

    Result result = pabal.run("sessions", "kick", "deleted", "--delete", "--force");

    assertThat(result.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(reasonOf(cause))
        .isIn(
            Mqtt5DisconnectReasonCode.ADMINISTRATIVE_ACTION,
            // its own next write told it first
            Mqtt5DisconnectReasonCode.SESSION_TAKEN_OVER);
    assertThat(pabal.run("sessions", "show", "deleted").exitCode()).isEqualTo(ExitCode.NOT_FOUND);
    assertThat(pabal.run("tail", "sessions", "--key", "deleted").out())
        .contains("kind=EXPIRED")
        .contains("reason=administrative");
  }

  @Test
  void shouldDeleteASessionThatIsAway() {
    pabal.subscriber("away-deleted", "sessions/away", context -> {}).disconnect();
    awaitAway("away-deleted");

    Result result = pabal.run("sessions", "kick", "away-deleted", "--delete", "--force");

    assertThat(result.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(names("--prefix", "away-deleted")).isEmpty();
  }

  @Test
  void shouldSayThatThereIsNoSuchSession() {
    Result result = pabal.run("sessions", "show", "no-such-client");

    assertThat(result.exitCode()).isEqualTo(ExitCode.NOT_FOUND);
    assertThat(result.err())
        .startsWith("pabal: session no-such-client: does not exist (expected: ");
  }

  @Test
  void shouldSayInOneLineThatRedisDoesNotAnswer() {
    Result result = RunningPabal.runAsIs("sessions", "list", "--redis-uri", "redis://127.0.0.1:1");

    assertThat(result.exitCode()).isEqualTo(ExitCode.UNREACHABLE);
    assertThat(result.err().lines())
        .singleElement()
        .asString()
        .startsWith("pabal: redis: 127.0.0.1:1 cannot be reached: ");
  }

  private static void kick(String clientId, long epoch) {
    var header =
        new RecordHeader(DeliveryHeader.NAME, new DeliveryHeader.Kick(epoch, false).toBytes());
    pabal.write(
        new ProducerRecord<>("deliveries.c1", 0, clientId.getBytes(UTF_8), null, List.of(header)));
  }

  private static Mqtt5DisconnectReasonCode reasonOf(CompletableFuture<Throwable> cause)
      throws Exception {
    Throwable found = cause.get(RunningPabal.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    assertThat(found).isInstanceOf(Mqtt5DisconnectException.class);
    return ((Mqtt5DisconnectException) found).getMqttMessage().getReasonCode();
  }

  private static void awaitAway(String clientId) {
    Awaitility.await()
        .atMost(RunningPabal.PATIENCE)
        .until(() -> show(clientId).get("state").asText().equals("away"));
  }

  private static JsonNode show(String clientId) throws Exception {
    return JSON.readTree(pabal.run("sessions", "show", clientId, "--format", "json").out());
  }

  private static List<String> names(String... filters) {
    List<String> arguments = new ArrayList<>(List.of("sessions", "list"));
    arguments.addAll(List.of(filters));
    return pabal.run(arguments.toArray(String[]::new)).lines().stream()
        .skip(1)
        .map(line -> line.substring(0, line.indexOf(' ')))
        .toList();
  }
}
