// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.routing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.router.table.LocationEntry;
import io.pabal.schemas.Codecs;
import io.pabal.schemas.ConnectorState;
import io.pabal.schemas.ConnectorStatus;
import io.pabal.schemas.DeliveryHeader.Activated;
import io.pabal.schemas.DeliveryHeader.Rewind;
import io.pabal.schemas.DeliveryHeader.Routed;
import io.pabal.schemas.Location;
import io.pabal.schemas.LocationCheck;
import io.pabal.schemas.MalformedRecords;
import io.pabal.schemas.topic.Feeds;
import io.pabal.schemas.topic.TopicCatalogue;
import java.nio.file.Path;
import java.time.Instant;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The router skips unexpected records in its topics and rows in its table, and continues. */
class UnexpectedRecordsTest {

  private static final String ROOM = "rooms/42";
  private static final LocationEntry C1 = new LocationEntry("c1", 1, 1);
  private static final Rewind REWIND = new Rewind(0, 1, 2, 3, "bob");

  @TempDir private Path directory;

  @SuppressWarnings("NullAway.Init")
  UnexpectedRecordsTest() {}

  @Test
  void shouldRouteBehindAnyRecordOfMessages() {
    byte[] value = "hello".getBytes(UTF_8);
    var records = new MalformedRecords(TopicCatalogue.MESSAGES, ROOM, value, REWIND);
    try (var router = new RouterDriver(directory, 0)) {
      router.present(ROOM, C1);
      records.next(200, 0).forEach(router::pipe);
      router.headersTo("c1");
      router.message(ROOM, "well-formed");

      assertThat(router.headersTo("c1")).singleElement().isInstanceOf(Routed.class);
      assertThat(router.metrics.malformed()).isPositive();
    }
  }

  @Test
  void shouldRouteBehindAnyRecordOfLocations() {
    var location = Codecs.LOCATION.encode(new Location("c1", 1L, 1L, true));
    var check = Codecs.LOCATION.encode(LocationCheck.of(""));
    try (var router = new RouterDriver(directory, 0)) {
      for (byte[] value : new byte[][] {location, check}) {
        new MalformedRecords(TopicCatalogue.LOCATIONS, ROOM, value, REWIND)
            .next(200, 0)
            .forEach(router::pipe);
      }
      router.headersTo("c1");
      router.present("rooms/43", C1);
      router.message("rooms/43", "well-formed");

      assertThat(router.headersTo("c1"))
          .satisfiesExactly(
              answer -> assertThat(answer).isInstanceOf(Activated.class),
              message -> assertThat(message).isInstanceOf(Routed.class));
      assertThat(router.metrics.malformed()).isPositive();
    }
  }

  @Test
  void shouldRouteBehindAnyRecordOfConnectors() {
    var state = new ConnectorState(1L, ConnectorStatus.UP, "", 0, Instant.EPOCH);
    var records =
        new MalformedRecords(
            TopicCatalogue.CONNECTORS, "c1", Codecs.CONNECTOR_STATE.encode(state), REWIND);
    try (var router = new RouterDriver(directory, 0)) {
      records.next(200, 0).forEach(router::pipe);
      router.present(ROOM, C1);
      router.message(ROOM, "well-formed");

      assertThat(router.headersTo("c1")).hasSize(2);
      assertThat(router.metrics.malformed()).isPositive();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\u0001", "\u0001\u0000", "\u0001\u0000\u0009c1", "garbage"})
  void shouldTreatMalformedRowAsMissing(String row) {
    try (var router = new RouterDriver(directory, 0)) {
      router.rowBytes(ROOM, row.getBytes(UTF_8));
      boolean empty = row.equals("\u0001");
      router.message(ROOM, "well-formed");
      router.message(ROOM, "well-formed");
      router.present(ROOM, C1);
      router.message(ROOM, "well-formed");

      assertThat(router.metrics.unrouted()).isEqualTo(2);
      assertThat(router.headersTo("c1")).hasSize(2);
      assertThat(router.metrics.malformed()).isEqualTo(empty ? 0 : 1);
    }
  }

  @Test
  void shouldNotRouteAMessageInAPartitionThatDoesNotOrderItsFeed() {
    String here = prefixIn(0);
    String elsewhere = prefixIn(1);
    try (var router = new RouterDriver(directory, 0, 0, 2)) {
      router.present(here, C1);
      router.message(elsewhere, "of a foreign producer");
      router.message(elsewhere + "/typing", "of a foreign producer");
      router.message(here + "/typing", "well-formed");

      assertThat(router.headersTo("c1"))
          .containsExactly(new Activated(0, -1, 1, 1), new Routed(0, 2, 1, 1));
      assertThat(router.metrics.unrouted()).isZero();
      assertThat(router.metrics.malformed()).isEqualTo(2);
    }
  }

  @Test
  void shouldNotAnswerALocationOfAnAddressBelowAPrefix() {
    try (var router = new RouterDriver(directory, 0)) {
      router.present(ROOM + "/typing", C1);

      assertThat(router.headersTo("c1")).isEmpty();
      assertThat(router.table(ROOM + "/typing")).isEmpty();
      assertThat(router.metrics.malformed()).isEqualTo(1);
    }
  }

  private static String prefixIn(int partition) {
    return IntStream.range(0, 100)
        .mapToObj(i -> "rooms/" + i)
        .filter(prefix -> new Feeds(2, 2).partitionOf(prefix) == partition)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void shouldNotAnswerALocationInAPartitionThatDoesNotOrderItsPrefix() {
    String elsewhere = prefixIn(1);
    try (var router = new RouterDriver(directory, 0, 0, 2)) {
      router.present(elsewhere, C1);

      assertThat(router.headersTo("c1")).isEmpty();
      assertThat(router.table(elsewhere)).isEmpty();
      assertThat(router.metrics.malformed()).isEqualTo(1);
    }
  }
}
