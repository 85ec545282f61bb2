// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.connector.delivery.PlayedConsumer;
import io.pabal.connector.fixture.PlayedRouter;
import io.pabal.connector.fixture.PlayedRouter.Published;
import io.pabal.connector.fixture.Servers;
import io.pabal.connector.fixture.UnexpectedMessages;
import io.pabal.connector.fixture.UnsendableMessages;
import io.pabal.schemas.DeliveryHeader.Rewind;
import io.pabal.schemas.SessionEvent;
import io.pabal.schemas.SessionEventKind;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How a subscription becomes live again when the timeline no longer has all its messages. */
class HistoryCatchUpTest {

  private static Servers servers;
  private static PlayedRouter publisher;

  @BeforeAll
  static void start() {
    servers = Servers.separate(100);
    publisher = new PlayedRouter(servers, "history-catch-up");
  }

  @AfterEach
  void startKafka() {
    servers.startKafka();
  }

  @AfterAll
  static void stop() throws IOException {
    publisher.close();
    servers.close();
  }

  @Test
  void shouldStopReadingForASessionThatEnded() {
    List<Published> all = publisher.publishNumbered("history/ended", 0, 600);
    LoneSession lone = new LoneSession(servers, 10);
    behind(lone, all);
    run(lone, () -> lone.metrics.historyReads.sum() == 1);

    lone.session.end(EndReason.CONNECTION_LOST);

    LoneSession other = new LoneSession(servers, 1_000);
    behind(other, all);
    run(other, () -> other.sent.size() == 600);
    lone.loop.run();
    assertThat(lone.sent.size()).isLessThanOrEqualTo(10);
    assertThat(lone.metrics.historyReads.sum()).isEqualTo(1);
  }

  @Test
  void shouldCancelTheReadOfASubscriptionThatIsGone() {
    String address = "history/unwanted";
    int partition = Servers.TOPICS.feeds().partitionOf(address);
    String neighbour =
        IntStream.iterate(0, i -> i + 1)
            .mapToObj(i -> address + i)
            .filter(each -> Servers.TOPICS.feeds().partitionOf(each) == partition)
            .findFirst()
            .orElseThrow();
    List<Published> all = new ArrayList<>(publisher.publishNumbered(address, 0, 1));
    publisher.publishNumbered(neighbour, 0, 5_000);
    all.addAll(publisher.publishNumbered(address, 1, 300));
    LoneSession lone = new LoneSession(servers);
    SessionFeed subscription = lone.attach(address, all.getFirst().offset());
    PlayedConsumer.activate(subscription.feed(), all.getLast().offset());
    awaitTimelines(all); // the session reads from Kafka only after the timelines are written
    servers.stopKafka();
    run(lone, () -> lone.metrics.historyReads.sum() == 1);
    long scanned = servers.historyMetrics().historyRecordsScanned.sum();

    lone.session.unsubscribe(subscription, subscription.feed().name());
    servers.startKafka();

    // The read of another session follows and begins beyond the range of the cancelled read.
    LoneSession other = new LoneSession(servers, 2_000);
    behind(other, publisher.publishNumbered(neighbour, 0, 300));
    run(other, () -> other.sent.size() == 300);
    assertThat(servers.historyMetrics().historyRecordsScanned.sum() - scanned).isLessThan(2_000);
  }

  @Test
  void shouldNotDelayTheOtherSubscriptionsOfTheSession() {
    List<Published> lacking = publisher.publishNumbered("history/lacking", 0, 600);
    List<Published> whole = publisher.publishNumbered("history/whole", 0, 50);
    LoneSession lone = new LoneSession(servers, 1_000);
    awaitTimelines(lacking);
    awaitTimelines(whole);
    servers.stopKafka();
    SessionFeed slow = behind(lone, lacking);
    run(lone, () -> lone.metrics.historyReads.sum() == 1);

    SessionFeed quick = behind(lone, whole);
    run(lone, () -> quick.sent() == whole.getLast().offset());
    servers.startKafka();
    run(lone, () -> slow.sent() == lacking.getLast().offset());

    assertThat(lone.sent).hasSize(650);
  }

  @Test
  void shouldSkipMessagesThatCannotBeSentToAnyClient() {
    String address = "history/unsendable";
    List<Published> all = new ArrayList<>(publisher.publishNumbered(address, 0, 1));
    all.addAll(publisher.publishAll(List.copyOf(UnsendableMessages.to(address).values())));
    all.addAll(publisher.publishNumbered(address, 1, 300));
    LoneSession lone = new LoneSession(servers, 1_000);

    SessionFeed subscription = behind(lone, all);
    run(lone, () -> subscription.sent() == all.getLast().offset());

    int unsendable = UnsendableMessages.to(address).size();
    assertThat(lone.ended).isEmpty();
    assertThat(lone.sent).hasSize(300);
    assertThat(lone.metrics.historyReads.sum()).isPositive();
    assertThat(lone.metrics.unsendable.sum()).isEqualTo(unsendable);
    assertThat(lone.events).hasSize(unsendable);
  }

  @Test
  void shouldPassOverWhatIsNoMessage() {
    String address = "history/unexpected";
    List<Published> good = new ArrayList<>(publisher.publishNumbered(address, 0, 1));
    UnexpectedMessages.publish(publisher, address);
    good.addAll(publisher.publishNumbered(address, 1, 300));
    LoneSession lone = new LoneSession(servers, 1_000);

    SessionFeed subscription = behind(lone, good);
    run(lone, () -> subscription.sent() == good.getLast().offset());

    assertThat(lone.ended).isEmpty();
    assertThat(lone.sent)
        .containsSubsequence(good.stream().map(Published::offset).toList())
        .isSorted();
    assertThat(lone.metrics.historyReads.sum()).isPositive();
    assertThat(lone.metrics.malformed.sum()).isPositive();
  }

  @Test
  void shouldRepeatMessagesThatKafkaHasAndReportNoGap() {
    List<Published> all = publisher.publishNumbered("history/rewound", 0, 400);
    LoneSession lone = new LoneSession(servers, 1_000);
    long before = all.getFirst().offset() - 1;
    SessionFeed subscription = lone.attach("history/rewound", before);
    PlayedConsumer.activate(subscription.feed(), before);
    push(subscription, all);
    assertThat(lone.sent).hasSize(400);
    acknowledge(lone, 400);
    awaitTimelines(all);
    int partition = subscription.feed().partition();
    servers.deleteMessagesBefore(partition, all.get(50).offset());

    PlayedConsumer.rewind(
        subscription.feed(),
        new Rewind(partition, all.getFirst().offset(), all.getLast().offset(), 1, ""));
    run(lone, () -> lone.sent.size() >= 750);
    List<Published> next = publisher.publishNumbered("history/rewound", 400, 401);
    push(subscription, next);
    run(lone, () -> lone.sent.size() >= 751);

    List<Long> offsets = all.stream().map(Published::offset).toList();
    assertThat(lone.sent.subList(0, 400)).isEqualTo(offsets);
    assertThat(lone.sent.subList(400, 750)).isEqualTo(offsets.subList(50, 400));
    assertThat(lone.sent.subList(750, 751)).containsExactly(next.getFirst().offset());
    assertThat(lone.metrics.historyReads.sum()).isPositive();
    assertThat(lone.events).isEmpty();
  }

  /**
   * Publishes, pushes, checks and acknowledges in random order, while timelines are trimmed and
   * lost and Kafka deletes messages. Every message is sent once and in order, except messages in a
   * reported gap. A gap is reported only for positions that Kafka has deleted.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void shouldMissOnlyMessagesInAReportedGap(int round) {
    long seed = System.nanoTime();
    System.out.println("HistoryCatchUpTest.random round=" + round + " seed=" + seed);
    Random random = new Random(seed);
    String address = "history/random-" + round;
    List<Published> all = new ArrayList<>(publisher.publishNumbered(address, 0, 1));
    LoneSession lone = new LoneSession(servers, 5 + random.nextInt(100));
    SessionFeed subscription = lone.attach(address, all.getFirst().offset() - 1);
    PlayedConsumer.activate(subscription.feed(), all.getFirst().offset());
    TreeSet<Long> deletedBefore = new TreeSet<>();
    int pushed = 1;

    for (int step = 0; step < 300; step++) {
      switch (random.nextInt(40)) {
        case 0, 1, 2, 3, 4, 5 ->
            all.addAll(publisher.publishNumbered(address, 0, 1 + random.nextInt(100)));
        case 6, 7, 8, 9, 10, 11 -> {
          int to = Math.min(all.size(), pushed + random.nextInt(120));
          push(subscription, all.subList(pushed, to));
          pushed = to;
        }
        case 12, 13 -> {
          PlayedConsumer.activate(subscription.feed(), all.getLast().offset());
          pushed = all.size();
        }
        case 14 -> {
          if (random.nextInt(4) == 0) {
            servers.forgetTimelines();
          }
        }
        case 15 -> {
          long offset = all.get(random.nextInt(all.size())).offset();
          servers.deleteMessagesBefore(subscription.feed().partition(), offset);
          deletedBefore.add(offset);
        }
        case 16, 17, 18, 19, 20, 21, 22, 23 -> acknowledge(lone, random.nextInt(60));
        default -> lone.loop.advance(Duration.ofMillis(20));
      }
    }
    push(subscription, all.subList(pushed, all.size()));
    run(
        lone,
        () -> {
          acknowledge(lone, lone.packetIds.size());
          return subscription.sent() == all.getLast().offset();
        });

    List<SessionEvent> gaps =
        lone.events.stream().filter(each -> each.getKind() == SessionEventKind.GAP).toList();
    List<Long> expected =
        all.stream()
            .map(Published::offset)
            .filter(
                offset ->
                    gaps.stream()
                        .noneMatch(
                            gap -> offset >= gap.getGapFrom() && offset <= gap.getGapThrough()))
            .toList();
    assertThat(lone.sent).as("seed %d", seed).isEqualTo(expected);
    assertThat(lone.metrics.gaps.sum()).isEqualTo(gaps.size());
    long reported = -1;
    for (SessionEvent gap : gaps) {
      assertThat(gap.getGapFrom()).as("seed %d", seed).isGreaterThan(reported);
      assertThat(deletedBefore.last()).as("seed %d", seed).isGreaterThan(gap.getGapThrough());
      reported = gap.getGapThrough();
    }
  }

  private static SessionFeed behind(LoneSession lone, List<Published> all) {
    SessionFeed subscription = lone.attach(all.getFirst().address(), all.getFirst().offset() - 1);
    PlayedConsumer.activate(subscription.feed(), all.getLast().offset());
    return subscription;
  }

  private static void awaitTimelines(List<Published> all) {
    Published last = all.getLast();
    servers.awaitTimelines(Servers.TOPICS.feeds().partitionOf(last.address()), last.offset());
  }

  private static void push(SessionFeed subscription, List<Published> messages) {
    messages.forEach(each -> PlayedConsumer.push(subscription.feed(), each.offset(), each.value()));
  }

  private static void acknowledge(LoneSession lone, int count) {
    for (int i = 0; i < count && !lone.packetIds.isEmpty(); i++) {
      lone.session.acknowledge(lone.packetIds.removeFirst());
    }
  }

  /** Runs the event loop and advances its clock until the condition holds. */
  private static void run(LoneSession lone, BooleanSupplier condition) {
    lone.loop.runUntil(
        () -> {
          lone.loop.advance(Duration.ofMillis(10));
          return condition.getAsBoolean();
        });
  }
}
