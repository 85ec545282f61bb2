// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.operations;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pabal.command.ExitCode;
import io.pabal.command.operations.RunningPabal.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** {@code pabal tail} against a running Pabal. */
@ExtendWith(RunningPabal.Extension.class)
class TailCommandTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  private static RunningPabal pabal;

  @BeforeAll
  static void start(RunningPabal running) {
    pabal = running;
  }

  @Test
  void shouldShowPayloadsAsTextWhereTheyAreAndAsBase64WhereNot() throws Exception {
    pabal.publish("tail/payloads", "안녕");
    pabal.publish("tail/payloads", new byte[] {(byte) 0xFF, 0, 1});

    Result result = pabal.run("tail", "messages", "--key", "tail/payloads", "--format", "json");

    assertThat(result.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(result.lines()).hasSize(2);
    assertThat(JSON.readTree(result.lines().get(0)).at("/value/payload").asText()).isEqualTo("안녕");
    assertThat(JSON.readTree(result.lines().get(1)).at("/value/payloadBase64").asText())
        .isEqualTo("/wAB");
    assertThat(result.err()).isEmpty();
  }

  @Test
  void shouldShowOneRecordByItsPosition() throws Exception {
    pabal.publish("tail/position", "first");
    pabal.publish("tail/position", "second");
    JsonNode second =
        JSON.readTree(
            pabal
                .run("tail", "messages", "--key", "tail/position", "--format", "json")
                .lines()
                .get(1));
    String position = second.get("partition") + ":" + second.get("offset");

    Result result = pabal.run("tail", "messages", "--from", position, "--count", "1");

    assertThat(result.lines())
        .singleElement()
        .asString()
        .startsWith(position + " 2")
        .contains(" tail/position ", "payload=second");
  }

  @Test
  void shouldShowOnlyWhatIsNewerThanATime() {
    pabal.publish("tail/time", "now");

    assertThat(pabal.run("tail", "messages", "--prefix", "tail/time", "--from", "-10m").lines())
        .hasSize(1);
    assertThat(
            pabal
                .run("tail", "messages", "--prefix", "tail/time", "--to", "@2026-01-01T00:00Z")
                .lines())
        .isEmpty();
  }

  @Test
  void shouldNotLetAPublisherWriteOnTheTerminal() {
    pabal.publish("tail/forged", "a\u001B[2Jb\n0:1 forged");

    Result result = pabal.run("tail", "messages", "--key", "tail/forged");

    assertThat(result.lines())
        .singleElement()
        .asString()
        .contains(" payload=\"a\\u001B[2Jb\\u000A0:1 forged\" ");
  }

  @Test
  void shouldShowGarbageWithItsPlaceAndGoOn() throws Exception {
    String place =
        pabal.write(
            new ProducerRecord<>("messages", "tail/garbage".getBytes(UTF_8), "{}".getBytes(UTF_8)));
    pabal.publish("tail/garbage", "fine");

    Result result = pabal.run("tail", "messages", "--key", "tail/garbage");

    assertThat(result.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(result.lines()).hasSize(2);
    assertThat(result.lines().getFirst())
        .startsWith(place + " ")
        .contains(
            "garbage=\"io.pabal.schemas.Message: not in the Confluent wire format",
            "valueBegin={}");
    assertThat(result.lines().getLast()).contains(" payload=fine ");
  }

  @Test
  void shouldShowWhatADeliveryIs() throws Exception {
    var subscriber = pabal.subscriber("tail-delivery", "tail/delivery", context -> {});
    try {
      pabal.publish("tail/delivery", "routed");

      List<JsonNode> records =
          Awaitility.await()
              .atMost(RunningPabal.PATIENCE)
              .until(
                  () -> deliveries("tail/delivery"),
                  // An address that waits long for its router is answered more than once.
                  found -> found.size() > 1 && kind(found.getLast()).equals("message"));

      JsonNode activated = records.getFirst();
      assertThat(kind(activated)).isEqualTo("activated");
      assertThat(activated.has("value")).isFalse();
      JsonNode message = records.getLast();
      assertThat(message.at("/value/payload").asText()).isEqualTo("routed");
      String position = message.at("/header/position").asText();
      assertThat(pabal.run("tail", "messages", "--from", position, "--count", "1").out())
          .contains("payload=routed");
    } finally {
      subscriber.disconnect();
    }
  }

  @Test
  void shouldFollowWhatComes() {
    CompletableFuture<Result> following =
        CompletableFuture.supplyAsync(
            () ->
                pabal.run("tail", "messages", "--follow", "--key", "tail/follow", "--count", "1"));

    // Nobody can see from outside when it has begun, so it is sent until one is seen.
    Awaitility.await()
        .atMost(RunningPabal.PATIENCE)
        .pollInterval(200, TimeUnit.MILLISECONDS)
        .until(
            () -> {
              pabal.publish("tail/follow", "came");
              return following.isDone();
            });

    assertThat(following.join().lines()).singleElement().asString().contains(" payload=came ");
  }

  @Test
  void shouldNameTheTopicsThatExistWhenThereIsNoSuchTopic() {
    Result result = pabal.run("tail", "mesages");

    assertThat(result.exitCode()).isEqualTo(ExitCode.NOT_FOUND);
    assertThat(result.out()).isEmpty();
    assertThat(result.err().lines())
        .singleElement()
        .asString()
        .startsWith("pabal: topic mesages: does not exist (expected: one of connectors, ")
        .contains("deliveries.c1, ", "messages, sessions, unrouted");
  }

  @Test
  void shouldRefuseRangesThatCannotBe() {
    pabal.publish("tail/ranges", "something");

    assertThat(usage("--from", "yesterday"))
        .contains("yesterday (expected: start, end, 3:1042, @2026-11-22T09:00Z or -15m)");
    assertThat(usage("--from", "-5m", "--to", "-10m"))
        .isEqualTo(
            "--from: -5m lies behind --to -10m (expected: a range that runs forward). Exchange them.\n");
    assertThat(usage("--from", "end", "--to", "start"))
        .startsWith("--from: end lies behind --to start");
    assertThat(usage("--from", "12:0"))
        .isEqualTo("12:0: topic messages has no partition 12 (expected: 0-11).\n");
    assertThat(usage("--from", "0:999999999"))
        .startsWith("--from: 0:999999999 is not held (expected: 0:0 to 0:");
    assertThat(usage("--from", "0:0", "--to", "1:0"))
        .startsWith("--to: 1:0 (expected: the partition of --from 0:0).");
  }

  @Test
  void shouldSayInOneLineThatNobodyAnswers() {
    Result result = RunningPabal.runAsIs("tail", "messages", "--bootstrap-servers", "127.0.0.1:1");

    assertThat(result.exitCode()).isEqualTo(ExitCode.UNREACHABLE);
    assertThat(result.err())
        .isEqualTo(
            "pabal: kafka.bootstrapServers: 127.0.0.1:1 does not answer within 5 s (expected: a running broker). Start it, or say where it is by --bootstrap-servers or PABAL_KAFKA_BOOTSTRAP_SERVERS.\n");
  }

  private static List<JsonNode> deliveries(String address) throws JsonProcessingException {
    List<JsonNode> records = new ArrayList<>();
    for (String line :
        pabal.run("tail", "deliveries.c1", "--key", address, "--format", "json").lines()) {
      records.add(JSON.readTree(line));
    }
    return records;
  }

  private static String kind(JsonNode delivery) {
    return delivery.at("/header/kind").asText();
  }

  private static String usage(String... range) {
    List<String> arguments = new ArrayList<>(List.of("tail", "messages"));
    arguments.addAll(List.of(range));
    Result result = pabal.run(arguments.toArray(String[]::new));
    assertThat(result.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(result.out()).isEmpty();
    return result.err();
  }
}
