// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.history;

import static io.pabal.connector.history.HistoryFixture.BYTES_MAX;
import static io.pabal.connector.history.HistoryFixture.await;
import static io.pabal.connector.history.HistoryFixture.neighbour;
import static io.pabal.connector.history.HistoryFixture.offsets;
import static io.pabal.connector.history.HistoryFixture.partition;
import static io.pabal.connector.history.HistoryFixture.published;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pabal.connector.fixture.Client;
import io.pabal.connector.fixture.PlayedRouter;
import io.pabal.connector.fixture.PlayedRouter.Published;
import io.pabal.connector.fixture.Servers;
import io.pabal.connector.fixture.UnexpectedMessages;
import io.pabal.schemas.Codecs;
import io.pabal.schemas.topic.TopicCatalogue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The pages that a reader returns: their messages, their ends, and their errors. */
class HistoryReaderTest {

  private static HistoryFixture history;

  @BeforeAll
  static void start() {
    history = new HistoryFixture();
  }

  @AfterAll
  static void stop() throws IOException {
    history.close();
  }

  @Test
  void shouldFindTheMessagesOfOneAddressAmongOthersInOrder() {
    String address = "reader/among";
    List<Published> mine = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      history.publisher.publish(neighbour(address), "other");
      mine.add(history.publisher.publish(address, "mine " + i));
    }
    long after = mine.get(3).offset();
    long through = mine.get(30).offset();

    HistoryPage page = await(history.ask(address, after, through, 100));

    assertThat(offsets(page.entries())).isEqualTo(published(mine.subList(4, 31)));
    assertThat(page.entries().getFirst().value()).isEqualTo(mine.get(4).value());
    assertThat(page.scannedThrough()).isEqualTo(through);
    assertThat(page.missingThrough()).isEqualTo(-1);
  }

  @Test
  void shouldEndAPageAtTheRequestedCount() {
    String address = "reader/count";
    List<Published> mine = history.publisher.publishNumbered(address, 0, 25);
    long after = mine.getFirst().offset() - 1;
    long through = mine.getLast().offset();

    HistoryPage page = await(history.ask(address, after, through, 10));

    assertThat(offsets(page.entries())).isEqualTo(published(mine.subList(0, 10)));
    assertThat(page.scannedThrough()).isEqualTo(mine.get(9).offset());
    assertThat(offsets(history.readAll(address, after, through, 10))).isEqualTo(published(mine));
  }

  @Test
  void shouldEndAPageAtTheRequestedBytes() {
    String address = "reader/bytes";
    List<Published> mine =
        IntStream.range(0, 10)
            .mapToObj(i -> history.publisher.publish(address, "x".repeat(BYTES_MAX / 3)))
            .toList();

    HistoryPage page =
        await(history.ask(address, mine.getFirst().offset() - 1, mine.getLast().offset(), 100));

    assertThat(offsets(page.entries())).isEqualTo(published(mine.subList(0, 3)));
  }

  @Test
  void shouldSkipRecordsWithoutAddressOrValue() {
    String address = "reader/tombstone";
    long first = history.publisher.publish(address, "0").offset();
    byte[] key = address.getBytes(StandardCharsets.UTF_8);
    var messages = TopicCatalogue.MESSAGES;
    history.publisher.send(new ProducerRecord<>(messages, partition(address), key, null));
    history.publisher.send(new ProducerRecord<>(messages, partition(address), null, key));
    long last = history.publisher.publish(address, "1").offset();

    assertThat(offsets(history.readAll(address, first - 1, last, 100)))
        .containsExactly(first, last);
  }

  @Test
  void shouldPassOverAnyRecord() {
    String address = "reader/unexpected";
    Published first = history.publisher.publish(address, "0");
    long skipped = history.metrics.malformed.sum();
    UnexpectedMessages.publish(history.publisher, address);
    long last = history.publisher.publish(address, "1").offset();

    List<HistoryEntry> entries = history.readAll(address, first.offset() - 1, last, 10);

    assertThat(entries.getFirst().offset()).isEqualTo(first.offset());
    assertThat(entries.getLast().offset()).isEqualTo(last);
    assertThat(history.metrics.malformed.sum()).isGreaterThan(skipped);
  }

  @Test
  void shouldReadOnBehindOffsetsWithoutMessage() throws Exception {
    String address = "reader/transactions";
    long before = history.publisher.publish(address, "before").offset();
    long committed = transaction(address, true);
    long last = transaction(address, true);
    // A router that has routed no message yet takes the end of the partition as the head. Here it
    // is a transaction marker, which Kafka writes after the commit has returned.
    long head =
        Awaitility.await()
            .atMost(Client.PATIENCE)
            .until(() -> history.publisher.head(address), end -> end > last);

    List<Long> found = offsets(history.readAll(address, before, head, 1));

    assertThat(found).hasSize(2).startsWith(committed);
    assertThat(found.getLast()).isLessThan(head);
  }

  @Test
  void shouldReportTheOffsetUpToWhichKafkaHasDeleted() {
    String address = "reader/deleted";
    List<Published> mine = history.publisher.publishNumbered(address, 0, 30);
    long after = mine.getFirst().offset() - 1;
    long through = mine.getLast().offset();
    history.servers.deleteMessagesBefore(partition(address), mine.get(12).offset());

    HistoryPage gone = await(history.ask(address, after, through, 100));
    HistoryPage whole = await(history.ask(address, after, mine.get(5).offset(), 100));
    HistoryPage rest = await(history.ask(address, gone.scannedThrough(), through, 100));

    assertThat(gone.entries()).isEmpty();
    assertThat(gone.missingThrough()).isEqualTo(mine.get(12).offset() - 1);
    assertThat(gone.scannedThrough()).isEqualTo(gone.missingThrough());
    assertThat(whole.missingThrough()).isEqualTo(mine.get(5).offset());
    assertThat(whole.scannedThrough()).isEqualTo(mine.get(5).offset());
    assertThat(rest.missingThrough()).isEqualTo(-1);
    assertThat(offsets(rest.entries())).isEqualTo(published(mine.subList(12, 30)));
  }

  @Test
  void shouldRefuseARangeThatEndsBeyondThePartition() {
    String address = "reader/beyond";
    long last = history.publisher.publish(address, "last").offset();

    CompletableFuture<HistoryPage> atEnd = history.ask(address, last, last + 1_000, 10);
    CompletableFuture<HistoryPage> past = history.ask(address, last + 500, last + 1_000, 10);

    assertThatThrownBy(() -> await(atEnd)).hasMessageContaining("ends before offset");
    assertThatThrownBy(() -> await(past)).hasMessageContaining("ends before offset");
  }

  @Test
  void shouldAnswerASmallRequestWhileALargeRangeIsRead() {
    String small = "reader/fair-small";
    Published mine = history.publisher.publish(small, "small");
    String large = neighbour(small);
    List<Published> many = history.publishMany(neighbour(large), 200_000);
    long through = many.getLast().offset();
    AtomicLong reached = new AtomicLong(mine.offset());
    CompletableFuture<Long> reachedWhenSmallCame = new CompletableFuture<>();

    // Each page requests the next one on the reader's own thread, so that the reader has work.
    CompletableFuture<Void> done = readThrough(large, through, reached);
    var _ =
        history
            .ask(small, mine.offset() - 1, mine.offset(), 10)
            .thenAccept(page -> reachedWhenSmallCame.complete(reached.get()));

    done.join();
    assertThat(reachedWhenSmallCame.join()).isLessThan(through);
  }

  @Test
  void shouldServeRequestsThatBeginCloseTogetherInOnePass() {
    String address = "reader/shared";
    String large = neighbour(address);
    Published first = history.publisher.publish(address, "first");
    history.publishMany(neighbour(large), 20_000);
    long before = history.publisher.publish(address, "before").offset();
    List<Published> many = history.publishMany(address, 1_000);
    long through = many.getLast().offset();
    long scanned = history.metrics.historyRecordsScanned.sum();

    // While the first range is read, forty requests arrive.
    CompletableFuture<HistoryPage> busy = history.ask(large, first.offset(), before, 10);
    List<CompletableFuture<HistoryPage>> pages =
        IntStream.range(0, 40)
            .mapToObj(i -> history.ask(address, before + i, through, 2_000))
            .toList();

    await(busy);
    for (int i = 0; i < pages.size(); i++) {
      assertThat(offsets(await(pages.get(i)).entries()))
          .isEqualTo(published(many.subList(i, many.size())));
    }
    assertThat(history.metrics.historyRecordsScanned.sum() - scanned).isLessThan(22_000);
  }

  @Test
  void shouldFindTheSameMessagesForAnyConcurrentRequests() {
    long seed = System.nanoTime();
    System.out.println("HistoryReaderTest.random seed=" + seed);
    Random random = new Random(seed);
    List<String> addresses = new ArrayList<>(List.of("reader/random"));
    addresses.add(neighbour(addresses.getFirst()));
    addresses.add(neighbour(addresses.getLast()));
    List<Published> all = new ArrayList<>();
    for (int burst = 0; burst < 60; burst++) {
      String address = addresses.get(random.nextInt(3));
      all.addAll(history.publisher.publishNumbered(address, 0, 1 + random.nextInt(60)));
    }
    for (int round = 0; round < 20; round++) {
      List<Runnable> checks = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        String address = addresses.get(random.nextInt(3));
        int from = random.nextInt(all.size());
        int to = from + random.nextInt(all.size() - from);
        long after = all.get(from).offset() - 1;
        long through = all.get(to).offset();
        int countMax = 1 + random.nextInt(80);
        CompletableFuture<HistoryPage> asked = history.ask(address, after, through, countMax);
        checks.add(
            () -> {
              HistoryPage page = await(asked);
              assertThat(offsets(page.entries()))
                  .as("seed %d", seed)
                  .hasSizeLessThanOrEqualTo(countMax)
                  .isEqualTo(
                      all.stream()
                          .filter(each -> each.address().equals(address))
                          .map(Published::offset)
                          .filter(each -> each > after && each <= page.scannedThrough())
                          .toList());
              assertThat(page.scannedThrough())
                  .as("seed %d", seed)
                  .isGreaterThan(after)
                  .isLessThanOrEqualTo(through);
            });
      }
      checks.forEach(Runnable::run);
    }
  }

  @Test
  void shouldWaitUntilKafkaIsBack() {
    String address = "reader/away";
    List<Published> mine = history.publisher.publishNumbered(address, 0, 10);
    history.publishMany(neighbour(address), 60_000);
    List<Published> later = history.publisher.publishNumbered(address, 10, 20);
    long after = mine.getFirst().offset() - 1;
    long through = later.getLast().offset();
    HistoryPage first = await(history.ask(address, after, through, 100));
    assertThat(first.scannedThrough()).isLessThan(through);

    // The next request begins at the start again. A request from the end of the first page would be
    // answered without Kafka, from the records that were fetched already.
    history.servers.stopKafka();
    CompletableFuture<HistoryPage> next = history.ask(address, after, through, 100);
    // Longer than the reader needs to find that Kafka does not answer.
    Awaitility.await().during(Duration.ofSeconds(5)).until(() -> !next.isDone());
    history.servers.startKafka();

    HistoryPage page = next.join();
    List<Long> found = new ArrayList<>(offsets(page.entries()));
    found.addAll(offsets(history.readAll(address, page.scannedThrough(), through, 100)));
    assertThat(found).isEqualTo(published(concat(mine, later)));
  }

  @Test
  void shouldReadNothingForACancelledRequest() {
    String address = "reader/cancelled";
    Published first = history.publisher.publish(address, "first");
    String busy = neighbour(address);
    List<Published> many = history.publishMany(neighbour(busy), 40_000);
    long through = many.getLast().offset();
    long scanned = history.metrics.historyRecordsScanned.sum();

    // The request that the reader serves, and a request far from it that waits meanwhile.
    CompletableFuture<HistoryPage> lead = history.ask(busy, many.get(30_000).offset(), through, 1);
    CompletableFuture<HistoryPage> unwanted = history.ask(address, first.offset(), through, 1);
    unwanted.cancel(false);

    await(lead);
    await(history.ask(busy, through - 1, through, 1));
    assertThat(history.metrics.historyRecordsScanned.sum() - scanned).isLessThan(15_000);
  }

  @Test
  void shouldRefuseFurtherRequestsAndFailTheWaitingOnesWhenClosed() {
    // No Kafka listens on this port, so no request is ever answered.
    HistoryReader lonely =
        HistoryReader.start("127.0.0.1:1", Servers.TOPICS.feeds(), history.metrics);
    List<CompletableFuture<HistoryPage>> waiting =
        IntStream.range(0, HistoryReader.WAITING_MAX)
            .mapToObj(i -> lonely.read("a", 0, i, i + 1, 1, 1))
            .toList();

    assertThatThrownBy(() -> await(lonely.read("a", 0, 0, 1, 1, 1)))
        .hasCauseInstanceOf(HistoryBusyException.class);
    // A cancelled request frees its place.
    waiting.getFirst().cancel(false);
    Awaitility.await()
        .atMost(Client.PATIENCE)
        .until(() -> !lonely.read("a", 0, 0, 1, 1, 1).isCompletedExceptionally());

    assertThat(waiting.getLast().isDone()).isFalse();
    lonely.close();
    waiting
        .subList(1, waiting.size())
        .forEach(each -> assertThatThrownBy(each::join).hasMessageContaining("closed"));
    assertThatThrownBy(() -> await(lonely.read("a", 0, 0, 1, 1, 1))).hasMessageContaining("closed");
    assertThat(lonely.terminated()).isCompleted();
  }

  @Test
  void shouldFailTheWaitingRequestsAndReportItsEndWhenItsThreadFails() {
    Set<Thread> others = Thread.getAllStackTraces().keySet();
    try (HistoryReader lonely =
        HistoryReader.start("127.0.0.1:1", Servers.TOPICS.feeds(), history.metrics)) {
      CompletableFuture<HistoryPage> waiting = lonely.read("a", 0, 0, 1, 1, 1);

      // Nothing else makes the thread fail from outside.
      Thread.getAllStackTraces().keySet().stream()
          .filter(thread -> thread.getName().equals("history") && !others.contains(thread))
          .forEach(Thread::interrupt);

      assertThatThrownBy(
              () ->
                  lonely
                      .terminated()
                      .orTimeout(Client.PATIENCE.toSeconds(), TimeUnit.SECONDS)
                      .join())
          .hasRootCauseInstanceOf(InterruptedException.class);
      assertThatThrownBy(() -> await(waiting)).cause().isNotInstanceOf(TimeoutException.class);
      assertThatThrownBy(() -> await(lonely.read("a", 0, 0, 1, 1, 1)))
          .hasMessageContaining("closed");
    }
  }

  private static CompletableFuture<Void> readThrough(
      String address, long through, AtomicLong reached) {
    return history
        .ask(address, reached.get(), through, 10)
        .thenCompose(
            page -> {
              reached.set(page.scannedThrough());
              return page.scannedThrough() < through
                  ? readThrough(address, through, reached)
                  : CompletableFuture.completedFuture(null);
            });
  }

  /** Publishes one message in a transaction of its own. Returns its offset. */
  private static long transaction(String address, boolean commit) throws Exception {
    Map<String, Object> settings =
        Map.of(
            "bootstrap.servers", history.servers.bootstrapServers(), "transactional.id", address);
    try (var producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      producer.initTransactions();
      producer.beginTransaction();
      byte[] key = address.getBytes(StandardCharsets.UTF_8);
      byte[] value = Codecs.MESSAGE.encode(PlayedRouter.message(address, "in").build());
      long offset =
          producer
              .send(new ProducerRecord<>(TopicCatalogue.MESSAGES, partition(address), key, value))
              .get()
              .offset();
      if (commit) {
        producer.commitTransaction();
      } else {
        producer.abortTransaction();
      }
      return offset;
    }
  }

  private static List<Published> concat(List<Published> first, List<Published> second) {
    List<Published> both = new ArrayList<>(first);
    both.addAll(second);
    return both;
  }
}
