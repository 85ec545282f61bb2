// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.connector.ConnectorMetrics;
import io.pabal.connector.fixture.Client;
import io.pabal.connector.fixture.PlayedRouter;
import io.pabal.connector.fixture.PlayedRouter.Published;
import io.pabal.connector.fixture.Servers;
import io.pabal.schemas.Message;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** A Kafka of its own, which a test may stop or damage; with a publisher and a reader. */
final class HistoryFixture implements AutoCloseable {

  static final int BYTES_MAX = 256 * 1024;

  final Servers servers = Servers.separate(1_000_000);
  final PlayedRouter publisher = new PlayedRouter(servers, "history");
  final ConnectorMetrics metrics = new ConnectorMetrics();
  final HistoryReader reader =
      HistoryReader.start(servers.bootstrapServers(), Servers.TOPICS.feeds(), metrics);

  /** Requests one page. */
  CompletableFuture<HistoryPage> ask(String address, long after, long through, int countMax) {
    return reader.read(address, partition(address), after, through, countMax, BYTES_MAX);
  }

  /** Waits for the page. */
  static HistoryPage await(CompletableFuture<HistoryPage> page) {
    return page.orTimeout(Client.PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
  }

  /** Reads page after page to the end of the range. */
  List<HistoryEntry> readAll(String address, long after, long through, int countMax) {
    List<HistoryEntry> found = new ArrayList<>();
    long reached = after;
    while (reached < through) {
      HistoryPage page = await(ask(address, reached, through, countMax));
      assertThat(page.scannedThrough()).isGreaterThan(reached).isLessThanOrEqualTo(through);
      found.addAll(page.entries());
      reached = page.scannedThrough();
    }
    return found;
  }

  /** Publishes many short messages to one address. */
  List<Published> publishMany(String address, int count) {
    Message message = PlayedRouter.message(address, "-").build();
    return publisher.publishAll(IntStream.range(0, count).mapToObj(i -> message).toList());
  }

  /** Another address of the same partition. */
  static String neighbour(String address) {
    return IntStream.iterate(0, i -> i + 1)
        .mapToObj(i -> address + "-neighbour-" + i)
        .filter(each -> partition(each) == partition(address))
        .findFirst()
        .orElseThrow();
  }

  static int partition(String address) {
    return Servers.TOPICS.feeds().partitionOf(address);
  }

  static List<Long> offsets(List<HistoryEntry> entries) {
    return entries.stream().map(HistoryEntry::offset).toList();
  }

  static List<Long> published(List<Published> messages) {
    return messages.stream().map(Published::offset).toList();
  }

  @Override
  public void close() throws IOException {
    reader.close();
    publisher.close();
    servers.close();
  }
}
