// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector;

import static io.pabal.connector.fixture.Wire.connect5;
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
import io.pabal.connector.fixture.Wire;
import io.pabal.schemas.Location;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that do not keep up: they fall behind, catch up from the timeline, and miss nothing. */
@ExtendWith(Servers.Extension.class)
class SlowConsumerTest {

  private static Station station;
  private static PlayedRouter router;

  @BeforeAll
  static void start(Servers servers) {
    station = Station.start(servers);
    router = station.router();
  }

  @AfterAll
  static void stop() {
    station.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 7, 10})
  void shouldGetEverythingInOrderThroughASmallWindow(int receiveMaximum) {
    String address = "slow/" + receiveMaximum;
    long behind = station.connector().metrics().behind.sum();
    try (Client client =
        station.connect(connect5("slow-" + receiveMaximum, receiveMaximum(receiveMaximum)))) {
      Location location = subscribe(client, address);
      router.routeAll(location, router.publishNumbered(address, 0, 200));
      Awaitility.await().until(() -> client.pending() == receiveMaximum);
      awaitApplied();
      assertThat(client.pending()).isEqualTo(receiveMaximum);
      assertThat(station.connector().metrics().sessionsBehind.sum()).isEqualTo(1);

      assertThat(client.takePayloads(200)).isEqualTo(numbers(0, 200));
      awaitNobodyBehind();
      assertThat(station.connector().metrics().behind.sum()).isGreaterThan(behind);

      // The session gets live messages again.
      router.route(location, router.publish(address, "200"));
      assertThat(client.takePayloads(1)).containsExactly("200");
      client.expectNothingElse();
    }
  }

  @Test
  void shouldNotCountASessionThatHasLeftAsBehind() {
    String address = "slow/left";
    try (Client client = station.connect(connect5("left", receiveMaximum(1)))) {
      Location location = subscribe(client, address);
      router.publishNumbered(address, 0, 20).forEach(each -> router.route(location, each));
      Awaitility.await().until(() -> station.connector().metrics().sessionsBehind.sum() == 1);
    }
    awaitNobodyBehind();
  }

  @Test
  void shouldGoOnWhenAcknowledgementsComeInAnyOrder() {
    long seed = System.nanoTime();
    System.out.println("SlowConsumerTest.anyOrder seed=" + seed);
    Random random = new Random(seed);
    String address = "slow/any-order";
    try (Client client = station.connect(connect5("any-order", receiveMaximum(10)))) {
      Location location = subscribe(client, address);
      router.routeAll(location, router.publishNumbered(address, 0, 300));

      List<String> received = new ArrayList<>();
      List<Packet> unacknowledged = new ArrayList<>();
      while (received.size() < 300) {
        Packet packet =
            client.poll(unacknowledged.isEmpty() ? Client.PATIENCE.toMillis() : random.nextInt(3));
        if (packet != null) {
          assertThat(packet.type()).isEqualTo(MqttMessageType.PUBLISH);
          received.add(packet.payload());
          unacknowledged.add(packet);
          assertThat(unacknowledged.size()).as("seed %d", seed).isLessThanOrEqualTo(10);
        } else {
          assertThat(unacknowledged).as("stuck, seed %d", seed).isNotEmpty();
          Collections.shuffle(unacknowledged, random);
          int count = 1 + random.nextInt(unacknowledged.size());
          for (int i = 0; i < count; i++) {
            client.send(Wire.pubAck(unacknowledged.removeLast().packetId()));
          }
        }
      }
      assertThat(received).as("seed %d", seed).isEqualTo(numbers(0, 300));
    }
  }

  @Test
  void shouldGetEverythingInOrderWhenTheSocketWasFull() {
    String address = "slow/socket";
    String filling = "x".repeat(20_000);
    try (Client client = station.connect(connect5("socket"))) {
      Location location = subscribe(client, address);
      client.reading(false);
      for (int i = 0; i < 600; i++) {
        router.route(location, router.publish(address, i + ":" + filling));
      }
      Awaitility.await()
          .atMost(Client.PATIENCE)
          .until(() -> station.connector().metrics().deliveries.sum() > 0);
      awaitApplied();
      long sent = station.connector().metrics().sent.sum();

      client.reading(true);
      List<String> received = client.takePayloads(600);

      assertThat(received.stream().map(each -> each.substring(0, each.indexOf(':'))))
          .containsExactlyElementsOf(numbers(0, 600));
      // While the client did not read, only a part of the messages was written to its buffer.
      assertThat(station.connector().metrics().sent.sum()).isGreaterThan(sent);
      client.expectNothingElse();
    }
  }

  @Test
  void shouldDropMessagesOfQos0ForASocketThatIsFull() {
    String address = "slow/qos0";
    String filling = "x".repeat(20_000);
    try (Client client = station.connect(connect5("qos0"))) {
      client.send(Wire.subscribe5(1, Wire.filter(address, 0)));
      Location location = router.activateAtEnd(address, 1);
      client.next(MqttMessageType.SUBACK);
      long dropped = station.connector().metrics().qos0Dropped.sum();
      client.reading(false);
      for (int i = 0; i < 600; i++) {
        router.route(location, router.publish(address, i + ":" + filling));
      }
      Awaitility.await()
          .atMost(Client.PATIENCE)
          .until(() -> station.connector().metrics().qos0Dropped.sum() > dropped);
      awaitApplied();

      client.reading(true);
      List<Integer> received = new ArrayList<>();
      client.send(Wire.pingReq());
      Packet packet = client.poll(Client.PATIENCE.toMillis());
      while (packet != null && packet.type() == MqttMessageType.PUBLISH) {
        received.add(
            Integer.parseInt(packet.payload().substring(0, packet.payload().indexOf(':'))));
        packet = client.poll(Client.PATIENCE.toMillis());
      }
      assertThat(packet).isNotNull();
      assertThat(received).isSorted().doesNotHaveDuplicates().hasSizeLessThan(600);
    }
  }

  /**
   * Publishes, routes (late, in bursts, with repetitions and checks), acknowledges, breaks and
   * resumes connections in random order. On one connection no message is out of order or sent
   * twice; over all connections of a session no message is missing.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void shouldJoinTheLiveFlowWithoutGapOrDisorder(int round) {
    long seed = System.nanoTime();
    System.out.println("SlowConsumerTest.join round=" + round + " seed=" + seed);
    Random random = new Random(seed);
    List<String> addresses = List.of("slow/join-" + round + "-a", "slow/join-" + round + "-b");
    List<Reader> readers = new ArrayList<>();
    for (int receiveMaximum : new int[] {1, 3, 10, 100, 1_000}) {
      readers.add(new Reader("join-" + round + "-" + receiveMaximum, receiveMaximum, seed));
    }
    // One client stays subscribed to each address, so that the locations do not change.
    try (Client holder = station.connect(connect5("join-holder-" + round))) {
      List<Flow> flows =
          addresses.stream().map(address -> new Flow(address, subscribe(holder, address))).toList();
      readers.forEach(reader -> reader.begin(addresses));

      for (int step = 0; step < 1_500; step++) {
        Flow flow = flows.get(random.nextInt(flows.size()));
        Reader reader = readers.get(random.nextInt(readers.size()));
        switch (random.nextInt(20)) {
          case 0, 1, 2, 3, 4 -> flow.publish(1 + random.nextInt(8));
          case 5, 6, 7, 8, 9 -> flow.route(1 + random.nextInt(20));
          case 10 -> flow.repeat(random);
          case 11 -> flow.check();
          case 12 -> {
            if (random.nextInt(6) == 0) {
              reader.breakAndResume();
            }
          }
          default -> reader.take(random.nextInt(12));
        }
      }

      flows.forEach(flow -> flow.route(Integer.MAX_VALUE));
      for (Reader reader : readers) {
        reader.drain(flows);
        reader.close();
      }
    }
  }

  private static Location subscribe(Client client, String address) {
    client.subscribe(1, address);
    Location location = router.activateAtEnd(address, 1);
    client.next(MqttMessageType.SUBACK);
    return location;
  }

  /**
   * Waits until all messages that were routed before have reached the event loops, by waiting for a
   * message that is routed later.
   */
  private static void awaitApplied() {
    String address = "slow/applied-" + System.nanoTime();
    try (Client probe = station.connect(connect5("probe"))) {
      Location location = subscribe(probe, address);
      router.route(location, router.publish(address, "probe"));
      probe.takePayloads(1);
    }
  }

  private static List<String> numbers(int from, int to) {
    return IntStream.range(from, to).mapToObj(Integer::toString).toList();
  }

  /** One address: its published messages, and how many of them were routed. */
  private static final class Flow {
    final String address;
    final Location location;
    final List<Published> published = new ArrayList<>();
    int routed;

    Flow(String address, Location location) {
      this.address = address;
      this.location = location;
    }

    void publish(int count) {
      published.addAll(router.publishNumbered(address, published.size(), published.size() + count));
    }

    void route(int count) {
      int end = (int) Math.min(published.size(), (long) routed + count);
      while (routed < end) {
        router.route(location, published.get(routed++));
      }
    }

    void repeat(Random random) {
      if (routed > 0) {
        int from = Math.max(0, routed - 1 - random.nextInt(30));
        router.routeAll(location, published.subList(from, routed));
      }
    }

    /** Activates as a restarted router does: with its head; its records up to there are lost. */
    void check() {
      if (!published.isEmpty()) {
        router.activate(address, location, published.getLast().offset());
        routed = published.size();
      }
    }
  }

  /** One session, and the messages that it has received. */
  private static final class Reader {
    private final String clientId;
    private final int receiveMaximum;
    private final long seed;
    private final ArrayDeque<Packet> unacknowledged = new ArrayDeque<>();
    private final Map<String, List<Integer>> sinceConnected = new HashMap<>();
    private final Map<String, Set<Integer>> ever = new HashMap<>();
    private Client client;

    Reader(String clientId, int receiveMaximum, long seed) {
      this.clientId = clientId;
      this.receiveMaximum = receiveMaximum;
      this.seed = seed;
      this.client = connect();
    }

    void begin(List<String> addresses) {
      for (String address : addresses) {
        client.subscribe(1, address);
        client.next(MqttMessageType.SUBACK);
        ever.put(address, new TreeSet<>());
      }
    }

    void take(int count) {
      for (int i = 0; i < count; i++) {
        Packet packet = client.poll(0);
        if (packet == null) {
          acknowledge(unacknowledged.size());
          return;
        }
        keep(packet);
      }
      acknowledge(unacknowledged.size() / 2);
    }

    void breakAndResume() {
      client.close();
      unacknowledged.clear();
      sinceConnected.clear();
      client = connect();
    }

    void drain(List<Flow> flows) {
      long missing = missing(flows);
      while (missing > 0) {
        acknowledge(unacknowledged.size());
        Packet packet = client.poll(Client.PATIENCE.toMillis());
        assertThat(packet).as("%s misses %d, seed %d", clientId, missing, seed).isNotNull();
        keep(packet);
        missing = missing(flows);
      }
      acknowledge(unacknowledged.size());
      for (Flow flow : flows) {
        assertThat(ever.get(flow.address)).hasSize(flow.published.size());
      }
    }

    void close() {
      client.close();
    }

    private long missing(List<Flow> flows) {
      return flows.stream()
          .mapToLong(flow -> flow.published.size() - received(flow.address).size())
          .sum();
    }

    private Set<Integer> received(String address) {
      return Objects.requireNonNull(ever.get(address));
    }

    private void keep(@Nullable Packet packet) {
      assertThat(Objects.requireNonNull(packet).type())
          .as("seed %d", seed)
          .isEqualTo(MqttMessageType.PUBLISH);
      int number = Integer.parseInt(packet.payload());
      List<Integer> before =
          sinceConnected.computeIfAbsent(packet.topic(), key -> new ArrayList<>());
      if (!before.isEmpty()) {
        assertThat(number)
            .as("%s after %d on %s, seed %d", clientId, before.getLast(), packet.topic(), seed)
            .isEqualTo(before.getLast() + 1);
      }
      before.add(number);
      received(packet.topic()).add(number);
      unacknowledged.add(packet);
      assertThat(unacknowledged.size()).as("seed %d", seed).isLessThanOrEqualTo(receiveMaximum);
    }

    private void acknowledge(int count) {
      for (int i = 0; i < count; i++) {
        client.send(Wire.pubAck(unacknowledged.remove().packetId()));
      }
    }

    private Client connect() {
      return station.connect(resume5(clientId, receiveMaximum(receiveMaximum)));
    }
  }

  private static void awaitNobodyBehind() {
    Awaitility.await().until(() -> station.connector().metrics().sessionsBehind.sum() == 0);
  }
}
