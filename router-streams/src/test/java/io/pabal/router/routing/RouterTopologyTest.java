// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.routing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.router.table.LocationEntry;
import io.pabal.schemas.Codecs;
import io.pabal.schemas.ConnectorStatus;
import io.pabal.schemas.DeliveryHeader;
import io.pabal.schemas.DeliveryHeader.Activated;
import io.pabal.schemas.DeliveryHeader.Rewind;
import io.pabal.schemas.DeliveryHeader.Routed;
import io.pabal.schemas.Location;
import io.pabal.schemas.Unrouted;
import io.pabal.schemas.clock.PlayedBrokerTime;
import io.pabal.schemas.topic.TopicCatalogue;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RouterTopologyTest {

  private static final String ROOM = "rooms/42";
  private static final long INCARNATION = 7;

  @TempDir private Path directory;
  private RouterDriver router;

  @SuppressWarnings("NullAway.Init")
  RouterTopologyTest() {}

  @BeforeEach
  void start() {
    router = new RouterDriver(directory, 0);
    router.connector("c1", INCARNATION, ConnectorStatus.UP);
    router.connector("c2", INCARNATION, ConnectorStatus.UP);
  }

  @AfterEach
  void stop() {
    router.close();
  }

  @Test
  void shouldForwardOneRecordPerConnector() {
    router.present(ROOM, entry("c1", 1));
    router.present(ROOM, entry("c2", 5));
    router.headersTo("c1");
    router.headersTo("c2");

    router.message(ROOM, "hello");

    assertThat(router.headersTo("c1")).containsExactly(new Routed(0, 0, INCARNATION, 1));
    assertThat(router.headersTo("c2")).containsExactly(new Routed(0, 0, INCARNATION, 5));
    assertThat(router.sentTo(TopicCatalogue.UNROUTED)).isEmpty();
    assertThat(router.metrics.routed()).isEqualTo(1);
    assertThat(router.metrics.deliveries()).isEqualTo(2);
  }

  @Test
  void shouldForwardAllMessagesOfAPrefixWithTheirAddresses() {
    router.present(ROOM, entry("c1", 1));
    router.headersTo("c1");

    router.message(ROOM + "/typing", "first");
    router.message(ROOM, "second");
    router.message(ROOM + "0", "of another prefix");
    router.message("rooms", "of another prefix");

    assertThat(router.sentTo("deliveries.c1"))
        .extracting(record -> new String(record.key(), UTF_8))
        .containsExactly(ROOM + "/typing", ROOM);
    assertThat(router.sentTo(TopicCatalogue.UNROUTED))
        .extracting(record -> new String(record.key(), UTF_8))
        .containsExactly(ROOM + "0", "rooms");
  }

  @Test
  void shouldForwardKeyAndValueAndForeignHeadersUntouched() {
    byte[] garbage = {0, -1, 127, 3};
    router.present(ROOM, entry("c1", 1));
    router.headersTo("c1");
    var headers = new RecordHeaders().add("trace", new byte[] {9}).add("pabal", new byte[] {1});

    router.pipe(TopicCatalogue.MESSAGES, new TestRecord<>(ROOM.getBytes(UTF_8), garbage, headers));

    assertThat(router.sentTo("deliveries.c1"))
        .singleElement()
        .satisfies(
            record -> {
              assertThat(record.key()).isEqualTo(ROOM.getBytes(UTF_8));
              assertThat(record.value()).isEqualTo(garbage);
              assertThat(record.headers().lastHeader("trace").value()).containsExactly(9);
              assertThat(record.headers().headers("pabal")).hasSize(1);
            });
  }

  @Test
  void shouldNotForwardToConnectorsOfOtherAddresses() {
    router.present("rooms/43", entry("c1", 1));
    router.headersTo("c1");

    router.message(ROOM, "hello");

    assertThat(router.headersTo("c1")).isEmpty();
  }

  @Test
  void shouldAnswerActivationsAgainAtCheck() {
    // Given
    router.present(ROOM, entry("c1", 1));
    router.present(ROOM, entry("c2", 5));
    router.message(ROOM, "hello");
    router.headersTo("c1");
    router.headersTo("c2");
    List<LocationEntry> before = router.table(ROOM);

    // When
    router.present(ROOM, new LocationEntry("", 0, 0));

    // Then
    assertThat(router.headersTo("c1")).containsExactly(new Activated(0, 0, INCARNATION, 1));
    assertThat(router.headersTo("c2")).containsExactly(new Activated(0, 0, INCARNATION, 5));
    assertThat(router.table(ROOM)).isEqualTo(before);

    // When
    router.present(ROOM, new LocationEntry("c2", 0, 0));

    // Then
    assertThat(router.headersTo("c1")).isEmpty();
    assertThat(router.headersTo("c2")).hasSize(1);
    assertThat(router.table(ROOM)).isEqualTo(before);
  }

  @Test
  void shouldSendRewindToTheConnectorsOfTheAddress() {
    // Given
    router.present(ROOM, entry("c1", 1));
    router.present("rooms/43", entry("c2", 5));
    router.message(ROOM, "hello");
    router.headersTo("c1");
    router.headersTo("c2");
    var rewind = new Rewind(0, 0, 0, 1_790_000_000_123_456L, "");
    byte[] check = Codecs.LOCATION.encode(new Location("", 0L, 0L, true));
    var headers = new RecordHeaders().add(DeliveryHeader.NAME, rewind.toBytes());

    // When
    router.pipe(TopicCatalogue.LOCATIONS, new TestRecord<>(ROOM.getBytes(UTF_8), check, headers));

    // Then
    assertThat(router.headersTo("c1")).containsExactly(new Activated(0, 0, INCARNATION, 1), rewind);
    assertThat(router.headersTo("c2")).isEmpty();
    assertThat(router.table(ROOM)).containsExactly(entry("c1", 1));

    // When another connector is meant
    byte[] other = Codecs.LOCATION.encode(new Location("c2", 0L, 0L, true));
    router.pipe(TopicCatalogue.LOCATIONS, new TestRecord<>(ROOM.getBytes(UTF_8), other, headers));

    // Then
    assertThat(router.headersTo("c1")).isEmpty();
    assertThat(router.headersTo("c2")).isEmpty();

    // When the rewind is older than an hour
    var before = Instant.now().minus(Duration.ofMinutes(61));
    router.pipe(
        TopicCatalogue.LOCATIONS, new TestRecord<>(ROOM.getBytes(UTF_8), check, headers, before));

    // Then
    assertThat(router.headersTo("c1")).containsExactly(new Activated(0, 0, INCARNATION, 1));
  }

  @Test
  void shouldJudgeTheAgeOfARewindByTheBrokersClock() {
    // Given
    router.present(ROOM, entry("c1", 1));
    router.headersTo("c1");
    var rewind = new Rewind(0, 0, 0, 1_790_000_000_123_456L, "");
    byte[] check = Codecs.LOCATION.encode(new Location("", 0L, 0L, true));
    var headers = new RecordHeaders().add(DeliveryHeader.NAME, rewind.toBytes());
    Duration behind = Duration.ofDays(10);
    Instant broker = Instant.now().minus(behind);

    // When the broker has had it for a minute
    var young = broker.minus(Duration.ofMinutes(1));
    PlayedBrokerTime.whileAhead(
        behind.negated(),
        () ->
            router.pipe(
                TopicCatalogue.LOCATIONS,
                new TestRecord<>(ROOM.getBytes(UTF_8), check, headers, young)));

    // Then
    assertThat(router.headersTo("c1")).contains(rewind);

    // When the broker has had it for more than an hour
    var old = broker.minus(Duration.ofMinutes(61));
    PlayedBrokerTime.whileAhead(
        behind.negated(),
        () ->
            router.pipe(
                TopicCatalogue.LOCATIONS,
                new TestRecord<>(ROOM.getBytes(UTF_8), check, headers, old)));

    // Then
    assertThat(router.headersTo("c1")).doesNotContain(rewind);
  }

  @Test
  void shouldRemoveDeadConnectorsAndThoseWithoutTopicAtCheck() {
    // Given
    router.existing.add("deliveries.c3");
    for (String id : List.of("c1", "c2", "c3")) {
      router.present(ROOM, entry(id, 1));
      router.headersTo(id);
    }
    router.connector("c1", INCARNATION, ConnectorStatus.DOWN);
    router.existing.remove("deliveries.c2");

    // When
    router.present(ROOM, new LocationEntry("", 0, 0));

    // Then
    assertThat(router.headersTo("c1")).isEmpty();
    assertThat(router.headersTo("c2")).isEmpty();
    assertThat(router.headersTo("c3")).containsExactly(new Activated(0, -1, INCARNATION, 1));
    assertThat(router.table(ROOM)).containsExactly(entry("c3", 1));
  }

  @Test
  void shouldSendNothingAtCheckOfAddressWithoutConnectors() {
    router.present(ROOM, new LocationEntry("", 0, 0));
    router.present(ROOM, new LocationEntry("c1", 0, 0));

    assertThat(router.headersTo("c1")).isEmpty();
    assertThat(router.table(ROOM)).isEmpty();
    assertThat(router.metrics.malformed()).isZero();
  }

  @Test
  void shouldReferToUnroutedMessage() {
    router.pipe(
        TopicCatalogue.MESSAGES,
        new TestRecord<>(ROOM.getBytes(UTF_8), new byte[0], Instant.ofEpochMilli(1234)));

    assertThat(router.sentTo(TopicCatalogue.UNROUTED))
        .singleElement()
        .satisfies(
            record -> {
              assertThat(record.key()).isEqualTo(ROOM.getBytes(UTF_8));
              assertThat(Codecs.UNROUTED.decode(record.value()))
                  .isEqualTo(new Unrouted(0, 0L, Instant.ofEpochMilli(1234)));
            });
    assertThat(router.metrics.unrouted()).isEqualTo(1);
  }

  @Test
  void shouldAnswerAPresentLocationOnce() {
    router.present(ROOM, entry("c1", 1));
    router.present(ROOM, entry("c1", 1));

    assertThat(router.sentTo("deliveries.c1"))
        .singleElement()
        .satisfies(
            record -> {
              assertThat(record.key()).isEqualTo(ROOM.getBytes(UTF_8));
              assertThat(record.value()).isNull();
              assertThat(record.headers().lastHeader("pabal").value())
                  .isEqualTo(new Activated(0, -1, INCARNATION, 1).toBytes());
            });
    assertThat(router.table(ROOM)).containsExactly(entry("c1", 1));
    assertThat(router.metrics.activations()).isEqualTo(1);
  }

  @Test
  void shouldAnswerLocationOfEarlierTaskAlthoughTheRowIsPresent() {
    try (var restarted = new RouterDriver(directory.resolve("restored"), 0, 1)) {
      restarted.row(ROOM, entry("c1", 1));

      restarted.present(ROOM, entry("c1", 1));
      assertThat(restarted.headersTo("c1")).hasSize(1);

      restarted.present(ROOM, entry("c1", 1));
      assertThat(restarted.headersTo("c1")).isEmpty();
    }
  }

  @Test
  void shouldRepairAndAnswerLocationWithOlderRowOrNone() {
    router.row(ROOM, entry("c1", 1), entry("c2", 5));
    router.message(ROOM, "missed");

    router.present(ROOM, entry("c1", 3));
    router.present(ROOM, entry("c2", 5));
    router.row(ROOM);
    router.present(ROOM, entry("c2", 5));

    assertThat(router.headersTo("c1"))
        .containsExactly(new Routed(0, 0, INCARNATION, 1), new Activated(0, 0, INCARNATION, 3));
    assertThat(router.headersTo("c2"))
        .containsExactly(new Routed(0, 0, INCARNATION, 5), new Activated(0, 0, INCARNATION, 5));
    assertThat(router.table(ROOM)).containsExactly(entry("c2", 5));
  }

  @Test
  void shouldReplaceEntryOfSameConnector() {
    router.present(ROOM, entry("c1", 1));
    router.present(ROOM, entry("c1", 2));
    assertThat(router.table(ROOM)).containsExactly(entry("c1", 2));

    router.present(ROOM, entry("c1", 1));
    assertThat(router.table(ROOM)).containsExactly(entry("c1", 2));
    assertThat(router.headersTo("c1")).hasSize(2);
  }

  @Test
  void shouldRemoveOnlyTheActivationNamed() {
    router.present(ROOM, entry("c1", 2));

    router.absent(ROOM, entry("c1", 1));
    router.absent(ROOM, new LocationEntry("c1", INCARNATION - 1, 2));
    router.absent(ROOM, entry("c2", 2));
    assertThat(router.table(ROOM)).containsExactly(entry("c1", 2));

    router.absent(ROOM, entry("c1", 2));
    assertThat(router.table(ROOM)).isEmpty();
  }

  @Test
  void shouldRemoveLocationOfDeadIncarnationAndSendItNothing() {
    router.present(ROOM, entry("c1", 1));
    router.headersTo("c1");
    router.connector("c1", INCARNATION + 1, ConnectorStatus.UP);

    router.message(ROOM, "hello");

    assertThat(router.headersTo("c1")).isEmpty();
    assertThat(router.table(ROOM)).isEmpty();
    assertThat(router.metrics.deadLocationsRemoved()).isEqualTo(1);
    assertThat(router.sentTo(TopicCatalogue.UNROUTED)).hasSize(1);
  }

  @Test
  void shouldTreatConnectorThatIsDownAsDead() {
    router.present(ROOM, entry("c1", 1));
    router.headersTo("c1");
    router.connector("c1", INCARNATION, ConnectorStatus.DOWN);

    router.message(ROOM, "hello");
    router.present(ROOM, entry("c1", 2));

    assertThat(router.headersTo("c1")).isEmpty();
    assertThat(router.table(ROOM)).isEmpty();
  }

  @Test
  void shouldTreatConnectorThatDrainsAsAlive() {
    router.present(ROOM, entry("c1", 1));
    router.connector("c1", INCARNATION, ConnectorStatus.DRAINING);
    router.message(ROOM, "hello");

    assertThat(router.headersTo("c1")).hasSize(2);
  }

  @Test
  void shouldTreatIncarnationAheadOfConnectorsTableAsAlive() {
    router.connector("c1", INCARNATION, ConnectorStatus.DOWN);
    var ahead = new LocationEntry("c1", INCARNATION + 1, 1);

    router.present(ROOM, ahead);
    router.message(ROOM, "hello");

    assertThat(router.headersTo("c1"))
        .containsExactly(
            new Activated(0, -1, INCARNATION + 1, 1), new Routed(0, 0, INCARNATION + 1, 1));
  }

  @Test
  void shouldTreatConnectorNotYetSeenAsAlive() {
    router.existing.add("deliveries.c3");

    router.present(ROOM, entry("c3", 1));
    router.message(ROOM, "hello");

    assertThat(router.headersTo("c3")).hasSize(2);
  }

  @Test
  void shouldDropRetiredConnectorWhoseTopicIsGone() {
    router.present(ROOM, entry("c1", 1));
    router.headersTo("c1");
    router.pipe(TopicCatalogue.CONNECTORS, "c1", null);
    router.existing.remove("deliveries.c1");

    router.message(ROOM, "hello");

    assertThat(router.headersTo("c1")).isEmpty();
    assertThat(router.table(ROOM)).isEmpty();
    assertThat(router.metrics.skippedTopicGone()).isEqualTo(1);
  }

  @Test
  void shouldForwardToOtherConnectorsWhenOneTopicIsGone() {
    router.present(ROOM, entry("c1", 1));
    router.present(ROOM, entry("c2", 1));
    router.headersTo("c2");
    router.existing.remove("deliveries.c1");

    router.message(ROOM, "hello");

    assertThat(router.headersTo("c2")).containsExactly(new Routed(0, 0, INCARNATION, 1));
    assertThat(router.table(ROOM)).containsExactly(entry("c2", 1));
  }

  @Test
  void shouldRefuseLocationWhoseTopicDoesNotExist() {
    router.present(ROOM, entry("c9", 1));

    assertThat(router.table(ROOM)).isEmpty();
    assertThat(router.metrics.skippedTopicGone()).isEqualTo(1);
  }

  @Test
  void shouldSkipMalformedRecordsAndContinue() {
    byte[] garbage = {1, 2, 3};
    router.pipe(TopicCatalogue.LOCATIONS, ROOM, garbage);
    router.pipe(TopicCatalogue.LOCATIONS, ROOM, null);
    router.pipe(TopicCatalogue.LOCATIONS, null, garbage);
    router.pipe(TopicCatalogue.MESSAGES, null, garbage);
    router.pipe(TopicCatalogue.CONNECTORS, "c1", garbage);
    router.present(ROOM, entry("a topic of no such name/", 1));
    assertThat(router.metrics.malformed()).isEqualTo(6);

    router.present(ROOM, entry("c1", 1));
    router.message(ROOM, "hello");
    assertThat(router.headersTo("c1")).hasSize(2);
  }

  @Test
  void shouldAnswerWithLastMessageRoutedAsHead() {
    router.message("rooms/1", "a");
    router.message("rooms/2", "b");

    router.present(ROOM, entry("c1", 1));

    assertThat(router.headersTo("c1")).containsExactly(new Activated(0, 1, INCARNATION, 1));
  }

  @Test
  void shouldAnswerWithEndOfMessagesAsHeadAfterStart() {
    try (var restarted = new RouterDriver(directory.resolve("restarted"), 100)) {
      restarted.present(ROOM, entry("c1", 1));
      restarted.message(ROOM, "an old one, routed again");
      restarted.present(ROOM, entry("c1", 2));

      assertThat(restarted.headersTo("c1"))
          .containsExactly(
              new Activated(0, 99, INCARNATION, 1),
              new Routed(0, 0, INCARNATION, 1),
              new Activated(0, 99, INCARNATION, 2));
    }
  }

  @Test
  void shouldAnnounceMessageThatIsTooLargeToForward() {
    router.present(ROOM, entry("c1", 1));
    router.headersTo("c1");

    router.pipe(TopicCatalogue.MESSAGES, ROOM, new byte[Outbox.RECORD_BYTES_MAX]);

    assertThat(router.headersTo("c1")).containsExactly(new Activated(0, 0, INCARNATION, 1));
    assertThat(router.metrics.oversized()).isEqualTo(1);
    assertThat(router.metrics.unrouted()).isZero();
  }

  @Test
  void shouldAnnounceMessageThatOnlyOneTopicRefuses() {
    router.present(ROOM, entry("c1", 1));
    router.present(ROOM, entry("c2", 1));
    router.headersTo("c1");
    router.headersTo("c2");
    router.messageBytesMax.put("deliveries.c1", 500);

    router.message(ROOM, "x".repeat(500));
    router.message(ROOM, "small");

    assertThat(router.headersTo("c1"))
        .containsExactly(new Activated(0, 0, INCARNATION, 1), new Routed(0, 1, INCARNATION, 1));
    assertThat(router.headersTo("c2"))
        .containsExactly(new Routed(0, 0, INCARNATION, 1), new Routed(0, 1, INCARNATION, 1));
    assertThat(router.metrics.oversized()).isEqualTo(1);
  }

  @Test
  void shouldRemoveLocationWhoseTopicRefusesAllUntilItIsAnnouncedAgain() {
    router.present(ROOM, entry("c1", 1));
    router.headersTo("c1");
    router.takingNothing.add("deliveries.c1");

    router.message(ROOM, "x");
    router.takingNothing.clear();
    router.message(ROOM, "y");

    assertThat(router.table(ROOM)).isEmpty();
    assertThat(router.headersTo("c1")).isEmpty();
    router.present(ROOM, entry("c1", 1));
    assertThat(router.headersTo("c1")).containsExactly(new Activated(0, 1, INCARNATION, 1));
  }

  private static LocationEntry entry(String connectorId, long activation) {
    return new LocationEntry(connectorId, INCARNATION, activation);
  }
}
