// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.operations;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.chaos.history.Event;
import io.pabal.chaos.process.TopicReader;
import io.pabal.command.ExitCode;
import io.pabal.command.operations.RunningPabal.Result;
import io.pabal.schemas.Codecs;
import io.pabal.schemas.ConnectorState;
import io.pabal.schemas.ConnectorStatus;
import io.pabal.schemas.DeliveryHeader.Rewind;
import io.pabal.schemas.Location;
import io.pabal.schemas.MalformedRecords;
import io.pabal.schemas.Message;
import io.pabal.schemas.SessionEvent;
import io.pabal.schemas.SessionEventKind;
import io.pabal.schemas.Unrouted;
import io.pabal.schemas.topic.TopicCatalogue;
import io.pabal.sessioncache.timeline.TimelineWriter;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Operators' commands, and the judge of a chaos run, read topics whatever else is in them. */
@ExtendWith(RunningPabal.Extension.class)
class UnexpectedRecordsTest {

  private static final String KEY = "unexpected/records";
  private static final int RECORDS = 60;

  private static RunningPabal pabal;

  @BeforeAll
  static void write(RunningPabal running) {
    pabal = running;
    var message =
        Message.newBuilder()
            .setAddress(KEY)
            .setPublishedAt(Instant.EPOCH)
            .setPayload(ByteBuffer.wrap(new byte[] {'a'}))
            .build();
    var event =
        SessionEvent.newBuilder()
            .setKind(SessionEventKind.GAP)
            .setAt(Instant.EPOCH)
            .setClientId(KEY)
            .setEpoch(1)
            .setConnectorId("c1")
            .setIncarnation(1)
            .build();
    var state = new ConnectorState(1L, ConnectorStatus.DOWN, "", 0, Instant.EPOCH);
    Map<String, byte[]> values =
        Map.of(
            TopicCatalogue.MESSAGES,
            Codecs.MESSAGE.encode(message),
            TopicCatalogue.LOCATIONS,
            Codecs.LOCATION.encode(new Location("c1", 1L, 1L, false)),
            TopicCatalogue.CONNECTORS,
            Codecs.CONNECTOR_STATE.encode(state),
            TopicCatalogue.SESSIONS,
            Codecs.SESSION_EVENT.encode(event),
            TopicCatalogue.UNROUTED,
            Codecs.UNROUTED.encode(new Unrouted(0, 0L, Instant.EPOCH)),
            TopicCatalogue.deliveriesTopic("c1"),
            Codecs.MESSAGE.encode(message));
    values.forEach(
        (topic, value) ->
            new MalformedRecords(topic, KEY, value, new Rewind(0, 0, 1, 1, ""))
                .next(RECORDS, 0)
                .forEach(UnexpectedRecordsTest::write));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"messages", "locations", "connectors", "sessions", "unrouted", "deliveries.c1"})
  void shouldTailAnyRecord(String topic) {
    for (String format : new String[] {"text", "json"}) {
      Result result = pabal.run("tail", topic, "--format", format);

      assertThat(result.exitCode()).as(result.err()).isEqualTo(ExitCode.OK);
      assertThat(result.lines()).hasSizeGreaterThanOrEqualTo(RECORDS / 2);
    }
  }

  @Test
  void shouldListConnectors() {
    assertThat(pabal.run("connectors", "list").exitCode()).isEqualTo(ExitCode.OK);
  }

  @Test
  void shouldRebuildAndReplayAndTellWhatIsMissed() {
    try (TimelineWriter _ = pabal.startTimelineWriter()) {
      Result rebuild = pabal.run("rebuild", "--dry-run");
      Result replay = pabal.run("replay", "--from", "start", "--prefix", "unexpected", "--dry-run");
      Result missed = pabal.run("missed", "--prefix", "unexpected");

      assertThat(rebuild.exitCode()).as(rebuild.err()).isEqualTo(ExitCode.OK);
      assertThat(rebuild.err()).contains("records of sessions cannot be decoded");
      assertThat(replay.exitCode()).as(replay.err()).isEqualTo(ExitCode.OK);
      assertThat(replay.err()).contains("records of messages are no messages");
      assertThat(missed.exitCode()).as(missed.err()).isEqualTo(ExitCode.OK);
    }
  }

  @Test
  void shouldSayThatItPassedRecordsWhenItTellsWhatIsMissed() {
    String address =
        IntStream.iterate(0, i -> i + 1)
            .mapToObj(i -> "unexpected/missed-" + i)
            .filter(each -> TopicCatalogue.defaults().feeds().partitionOf(each) == 0)
            .findFirst()
            .orElseThrow();
    pabal.subscriber("unexpected-missed", address, ended -> {}).disconnect();
    pabal.write(new ProducerRecord<>(TopicCatalogue.MESSAGES, 0, address.getBytes(UTF_8), null));

    Result missed = pabal.run("missed", "--address", address);

    assertThat(missed.exitCode()).as(missed.err()).isEqualTo(ExitCode.OK);
    assertThat(missed.err()).contains("records of messages are no messages");
  }

  @Test
  void shouldReadTheHistoryOfAChaosRun() {
    var reader = new TopicReader(pabal.bootstrapServers());
    List<Event> events = new ArrayList<>();

    reader.read(events::add);

    assertThat(events).isNotEmpty();
    assertThat(reader.skipped()).isPositive();
  }

  private static void write(ProducerRecord<byte[], byte[]> record) {
    // Kafka refuses records without a key where it keeps the newest of each key.
    if (record.key() != null || !record.topic().equals(TopicCatalogue.CONNECTORS)) {
      pabal.write(
          new ProducerRecord<>(
              record.topic(), 0, null, record.key(), record.value(), record.headers()));
    }
  }
}
