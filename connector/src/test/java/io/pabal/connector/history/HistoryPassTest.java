// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.history;

import static io.pabal.connector.history.HistoryFixture.BYTES_MAX;
import static io.pabal.connector.history.HistoryFixture.neighbour;
import static io.pabal.connector.history.HistoryFixture.offsets;
import static io.pabal.connector.history.HistoryFixture.partition;
import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.connector.fixture.PlayedRouter.Published;
import io.pabal.connector.fixture.Servers;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** How far a pass reads when its requests are cancelled after it began, as while Kafka is away. */
class HistoryPassTest {

  private static final String ADDRESS = "pass/left";

  private static HistoryFixture history;
  private static List<Published> others;
  private static Published last;

  @BeforeAll
  static void start() {
    history = new HistoryFixture();
    others = history.publishMany(neighbour(ADDRESS), 3_000);
    last = history.publisher.publish(ADDRESS, "last");
  }

  @AfterAll
  static void stop() throws IOException {
    history.close();
  }

  @Test
  void shouldReadNothingWhenAllRequestsAreCancelled() {
    HistoryRequest cancelled = request(ADDRESS, last.offset());
    HistoryPass pass =
        new HistoryPass(cancelled, List.of(cancelled), Servers.TOPICS.feeds(), history.metrics);

    cancelled.page().cancel(false);
    long scanned = walk(pass);

    assertThat(scanned).isZero();
    assertThat(pass.hasProgressed()).isFalse();
  }

  @Test
  void shouldReadNoFurtherThanTheRemainingRequestNeeds() {
    long through = others.get(99).offset();
    HistoryRequest cancelled = request(ADDRESS, last.offset());
    HistoryRequest waits = request(others.getFirst().address(), through);
    HistoryPass pass =
        new HistoryPass(
            cancelled, List.of(cancelled, waits), Servers.TOPICS.feeds(), history.metrics);

    cancelled.page().cancel(false);
    long scanned = walk(pass);
    pass.answer();

    assertThat(scanned).isEqualTo(100);
    assertThat(offsets(waits.page().join().entries()))
        .isEqualTo(HistoryFixture.published(others.subList(0, 100)));
  }

  private static long walk(HistoryPass pass) {
    long before = history.metrics.historyRecordsScanned.sum();
    try (MessageLog log = new MessageLog(history.servers.bootstrapServers())) {
      pass.walk(log);
    }
    return history.metrics.historyRecordsScanned.sum() - before;
  }

  private static HistoryRequest request(String address, long through) {
    long after = others.getFirst().offset() - 1;
    return new HistoryRequest(address, partition(address), after, through, 1_000, BYTES_MAX);
  }
}
