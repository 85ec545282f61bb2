// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector;

import static io.pabal.connector.fixture.Wire.receiveMaximum;
import static io.pabal.connector.fixture.Wire.resume5;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.mqtt.MqttMessageType;
import io.pabal.connector.fixture.Client;
import io.pabal.connector.fixture.Packet;
import io.pabal.connector.fixture.PlayedRouter;
import io.pabal.connector.fixture.PlayedRouter.Published;
import io.pabal.connector.fixture.Servers;
import io.pabal.connector.fixture.Station;
import io.pabal.connector.fixture.TopicTail;
import io.pabal.connector.fixture.Wire;
import io.pabal.schemas.Location;
import io.pabal.schemas.SessionEvent;
import io.pabal.schemas.SessionEventKind;
import io.pabal.sessioncache.SessionCacheConfig;
import io.pabal.sessioncache.session.SessionDirectory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Sessions whose timelines do not reach back to their cursors. */
class HistoryTest {

  private static final int TIMELINE_MESSAGES_MAX = 100;

  private static Servers servers;
  private static Station station;
  private static PlayedRouter router;

  @BeforeAll
  static void start() {
    servers = Servers.separate(TIMELINE_MESSAGES_MAX);
    station = Station.start(servers);
    router = station.router();
  }

  @AfterAll
  static void stop() throws IOException {
    station.close();
    servers.close();
  }

  @Test
  void shouldSendMessagesTrimmedFromTheTimelineBeforeLiveMessages() {
    String address = "history/trimmed";
    subscribeAndLeave("trimmed", address);
    List<Published> missed = router.publishNumbered(address, 0, 1_000);
    assertThat(missingFromTimeline(missed)).isTrue();
    long gaps = metrics().gaps.sum();

    try (Client client = resume("trimmed", 50)) {
      Location location = router.awaitLocation(address, 3);
      router.activate(address, location, missed.getLast().offset());
      List<String> received = new ArrayList<>(client.takePayloads(150));
      router.publishNumbered(address, 1_000, 1_020).forEach(each -> router.route(location, each));
      received.addAll(client.takePayloads(870));

      assertThat(received).isEqualTo(numbers(0, 1_020));
      router.route(location, router.publish(address, "live again"));
      assertThat(client.takePayloads(1)).containsExactly("live again");
      client.expectNothingElse();
    }
    assertThat(metrics().gaps.sum()).isEqualTo(gaps);
  }

  @Test
  void shouldLoseNothingWhenTimelinesVanishInTheMiddle() {
    String address = "history/vanished";
    subscribeAndLeave("vanished", address);
    List<Published> missed = router.publishNumbered(address, 0, 500);
    long gaps = metrics().gaps.sum();

    try (Client client = resume("vanished", 10)) {
      Location location = router.awaitLocation(address, 3);
      router.activate(address, location, missed.getLast().offset());
      List<String> received = new ArrayList<>(client.takePayloads(100));
      servers.forgetTimelines();
      received.addAll(client.takePayloads(100));
      router.publishNumbered(address, 500, 510).forEach(each -> router.route(location, each));
      // Timelines also vanish when the session reads from the timeline again.
      received.addAll(client.takePayloads(220));
      servers.forgetTimelines();
      received.addAll(client.takePayloads(90));

      assertThat(received).isEqualTo(numbers(0, 510));
      client.expectNothingElse();
    }
    assertThat(metrics().gaps.sum()).isEqualTo(gaps);
  }

  @Test
  void shouldReportExactlyTheDeletedRangeAsAGapOnce() {
    String address = "history/deleted";
    long cursor = subscribeAndLeave("deleted", address);
    List<Published> missed = router.publishNumbered(address, 0, 300);
    servers.awaitTimelines(partition(address), missed.getLast().offset());
    servers.forgetTimelines();
    servers.deleteMessagesBefore(partition(address), missed.get(100).offset());
    long gaps = metrics().gaps.sum();

    try (TopicTail<SessionEvent> events = TopicTail.sessions(servers, "deleted")) {
      try (Client client = resume("deleted", 7)) {
        router.activateAtEnd(address, 3);

        assertThat(client.takePayloads(200)).isEqualTo(numbers(100, 300));
        client.expectNothingElse();
        client.send(Wire.disconnect()).awaitClosed();
      }
      assertThat(events.next().getKind()).isEqualTo(SessionEventKind.RESUMED);
      SessionEvent gap = events.next();
      assertThat(gap.getKind()).isEqualTo(SessionEventKind.GAP);
      assertThat(gap.getGapFrom()).isEqualTo(cursor + 1);
      assertThat(gap.getGapThrough()).isEqualTo(missed.get(100).offset() - 1);
      assertThat(gap.getSubscriptions())
          .singleElement()
          .satisfies(
              each -> {
                assertThat(each.getAddress()).isEqualTo(address);
                assertThat(each.getPartition()).isEqualTo(partition(address));
              });
      assertThat(events.next().getKind()).isEqualTo(SessionEventKind.DISCONNECTED);

      // The gap is not reported again when the session resumes.
      try (Client client = resume("deleted", 7)) {
        Location location = router.activateAtEnd(address, 5);
        router.route(location, router.publish(address, "300"));
        assertThat(client.takePayloads(1)).containsExactly("300");
      }
      assertThat(events.next().getKind()).isEqualTo(SessionEventKind.RESUMED);
      assertThat(events.next().getKind()).isEqualTo(SessionEventKind.DISCONNECTED);
    }
    assertThat(metrics().gaps.sum()).isEqualTo(gaps + 1);
  }

  @Test
  void shouldSendTheGapToTheClientUntilItAcknowledgesTheMessageThatCarriesIt() {
    String address = "history/told";
    long cursor = subscribeAndLeave("told", address);
    List<Published> missed = router.publishNumbered(address, 0, 300);
    servers.awaitTimelines(partition(address), missed.getLast().offset());
    servers.forgetTimelines();
    servers.deleteMessagesBefore(partition(address), missed.get(100).offset());
    String gap = partition(address) + ":" + (cursor + 1) + "-" + (missed.get(100).offset() - 1);

    Packet first;
    try (Client client = resume("told", 2)) {
      router.activateAtEnd(address, 3);
      first = client.next(MqttMessageType.PUBLISH);
      assertThat(first.payload()).isEqualTo("100");
      assertThat(first.user("pabal-gap")).isEqualTo(gap);
      Packet second = client.next(MqttMessageType.PUBLISH);
      assertThat(second.payload()).isEqualTo("101");
      assertThat(second.user("pabal-gap")).isEmpty();
      client.send(Wire.disconnect()).awaitClosed();
    }

    try (Client client = resume("told", 2)) {
      router.activateAtEnd(address, 5);
      Packet again = client.next(MqttMessageType.PUBLISH);
      assertThat(again.payload()).isEqualTo("100");
      assertThat(again.packetId()).isEqualTo(first.packetId());
      assertThat(again.duplicate()).isTrue();
      assertThat(again.user("pabal-gap")).isEqualTo(gap);
      client.send(Wire.pubAck(again.packetId()));
      assertThat(client.next(MqttMessageType.PUBLISH).user("pabal-gap")).isEmpty();
      assertThat(client.next(MqttMessageType.PUBLISH).payload()).isEqualTo("102");
      client.send(Wire.disconnect()).awaitClosed();
    }

    try (Client client = resume("told", 2)) {
      router.activateAtEnd(address, 7);
      Packet next = client.next(MqttMessageType.PUBLISH);
      assertThat(next.payload()).isEqualTo("101");
      assertThat(next.user("pabal-gap")).isEmpty();
    }
  }

  @Test
  void shouldNotStoreARemovedSubscriptionAgainWhenItsGapIsAcknowledged() {
    String address = "history/removed";
    subscribeAndLeave("removed", address);
    List<Published> missed = router.publishNumbered(address, 0, 300);
    servers.awaitTimelines(partition(address), missed.getLast().offset());
    servers.forgetTimelines();
    servers.deleteMessagesBefore(partition(address), missed.get(100).offset());

    try (Client client = resume("removed", 1)) {
      router.activateAtEnd(address, 3);
      Packet first = client.next(MqttMessageType.PUBLISH);
      assertThat(first.user("pabal-gap")).isNotEmpty();
      client.send(Wire.unsubscribe5(7, address)).next(MqttMessageType.UNSUBACK);
      client.send(Wire.pubAck(first.packetId()), Wire.disconnect()).awaitClosed();
    }
    servers.awaitReleased("removed");

    try (var sessions = SessionDirectory.connect(SessionCacheConfig.of(servers.redisUri()))) {
      assertThat(sessions.find("removed").orElseThrow().feeds()).isEmpty();
    }
  }

  @Test
  void shouldReadHistoryOnceWhenNoMessageIsMissing() {
    String address = "history/quiet";
    subscribeAndLeave("quiet", address);
    List<Published> others = router.publishNumbered(neighbour(address), 0, 50);
    servers.awaitTimelines(partition(address), others.getLast().offset());
    servers.forgetTimelines();
    long reads = metrics().historyReads.sum();

    for (int i = 0; i < 3; i++) {
      try (Client client = resume("quiet", 100)) {
        Location location = router.activateAtEnd(address, 3 + 2 * i);
        router.route(location, router.publish(address, "only"));
        assertThat(client.takePayloads(1)).containsExactly("only");
        client.expectNothingElse();
        client.send(Wire.disconnect()).awaitClosed();
      }
      assertThat(router.awaitLocation(address, 4 + 2 * i).getPresent()).isFalse();
    }

    assertThat(metrics().historyReads.sum()).isEqualTo(reads + 1);
  }

  /** Leaves a kept session that is subscribed to the address, and returns its cursor. */
  private static long subscribeAndLeave(String clientId, String address) {
    try (Client client = station.connect(resume5(clientId))) {
      client.subscribe(1, address);
      router.activateAtEnd(address, 1);
      long cursor = router.head(address);
      client.next(MqttMessageType.SUBACK);
      client.send(Wire.disconnect()).awaitClosed();
      assertThat(router.awaitLocation(address, 2).getPresent()).isFalse();
      return cursor;
    }
  }

  private static Client resume(String clientId, int receiveMaximum) {
    Client client = station.open().send(resume5(clientId, receiveMaximum(receiveMaximum)));
    assertThat(client.next(MqttMessageType.CONNACK).sessionPresent()).isTrue();
    return client;
  }

  private static boolean missingFromTimeline(List<Published> messages) {
    String address = messages.getFirst().address();
    return servers
        .cache()
        .timelines()
        .read(
            address,
            partition(address),
            messages.getFirst().offset() - 1,
            messages.getLast().offset(),
            1)
        .toCompletableFuture()
        .join()
        .gapPossible();
  }

  private static ConnectorMetrics metrics() {
    return station.connector().metrics();
  }

  private static String neighbour(String address) {
    return IntStream.iterate(0, i -> i + 1)
        .mapToObj(i -> address + "/neighbour/" + i)
        .filter(each -> partition(each) == partition(address))
        .findFirst()
        .orElseThrow();
  }

  private static int partition(String address) {
    return Servers.TOPICS.feeds().partitionOf(address);
  }

  private static List<String> numbers(int from, int to) {
    return IntStream.range(from, to).mapToObj(Integer::toString).toList();
  }
}
