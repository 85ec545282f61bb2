// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.timeline;

import static io.pabal.sessioncache.Stages.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pabal.sessioncache.RedisFixture;
import io.pabal.sessioncache.RedisState;
import io.pabal.telemetry.Health.Check;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;

/** What a timeline writer does when Redis is away, refuses, or is another one's. */
class TimelineWriterRedisTest extends TimelineWriterFixture {

  @Test
  @DisabledIfSystemProperty(
      named = RedisFixture.KIND,
      matches = RedisFixture.CLUSTER,
      disabledReason = "puts one server into a state; see ClusterFailureTest")
  void shouldShowInItsHealthWhyRedisDoesNotTakeBatches() {
    try (TimelineWriter writer = startWriter()) {
      awaitHealth(writer, "");
      for (RedisState state :
          List.of(RedisState.READ_ONLY, RedisState.FULL, RedisState.NO_RIGHT_TO_WRITE)) {
        state.begin(redis.commands());
        awaitHealth(writer, state.said);

        state.end(redis.commands());
        awaitHealth(writer, "");
      }
    }
  }

  private static void awaitHealth(TimelineWriter writer, String part) {
    Awaitility.await()
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(
            () -> {
              Check redis =
                  writer.health().checks().stream()
                      .filter(check -> check.name().equals("redis"))
                      .findFirst()
                      .orElseThrow();
              assertThat(redis.ok()).as(redis.toString()).isEqualTo(part.isEmpty());
              assertThat(redis.detail()).contains(part);
            });
  }

  @Test
  void shouldLoseNothingWhenRedisIsAwayWhileMessagesArrive() {
    try (TimelineWriter writer = startWriter()) {
      // Given
      long first = send(10);
      awaitWatermark();

      // When
      redis.stop();
      send(2_500);
      Awaitility.await().until(() -> writer.retries() > 2);
      startRedisAgain();
      send(10);
      long last = endOffset() - 1;

      // Then
      awaitWatermark();
      TimelinePage page = read(first - 1, last);
      assertThat(page.gapPossible()).isFalse();
      assertThat(offsets(page)).containsExactlyElementsOf(range(first, last));
    }
  }

  @Test
  void shouldCopyTheOtherPartitionsWhileOneIsRefused() {
    try (TimelineWriter writer = startWriter()) {
      // Given a key in a timeline's place
      awaitWatermark();
      String timeline = KEYS.timeline(0, ADDRESS);
      redis.commands().del(timeline);
      redis.commands().set(timeline, "no stream");
      long first = send(10);
      awaitHealth(writer, "messages of 1 partitions (0) wait");

      // When messages of both partitions come, again and again
      for (int i = 0; i < 3; i++) {
        long other = send(OTHER_ADDRESS, new byte[1], null);
        send(100);

        // Then those of the other partition are copied
        Awaitility.await().until(() -> Long.toString(other).equals(watermark(1)));
      }
      assertThat(committed()).isLessThanOrEqualTo(first);

      // When the key is gone
      redis.commands().del(timeline);
      awaitWatermark();

      // Then nothing was skipped
      TimelinePage page = read(first - 1, endOffset() - 1);
      assertThat(page.gapPossible()).isFalse();
      assertThat(offsets(page)).containsExactlyElementsOf(range(first, endOffset() - 1));
      awaitHealth(writer, "");
    }
  }

  @Test
  void shouldCommitOnlyWhatRedisHas() {
    // Given
    long first = endOffset();
    try (TimelineWriter writer = startWriter()) {
      awaitWatermark();
      redis.stop();

      // When
      send(100);
      Awaitility.await().until(() -> writer.retries() > 2);
    }
    assertThat(committed()).isEqualTo(first);
    startRedisAgain();

    // Then the next writer repeats the messages that the first one could not write
    try (TimelineWriter _ = startWriter()) {
      awaitWatermark();
      TimelinePage page = read(first - 1, endOffset() - 1);
      assertThat(page.gapPossible()).isFalse();
      assertThat(page.entries()).hasSize(100);
    }
  }

  @Test
  void shouldEndVisiblyWhenRedisTurnsOutToBelongToAnotherTopic() {
    try (TimelineWriter writer = startWriter()) {
      redis.commands().hset(KEYS.partition(0), "topic", "another");

      assertThatThrownBy(() -> await(writer.terminated()))
          .isInstanceOf(CompletionException.class)
          .hasMessageContaining("belong to another topic");
    }
  }

  @Test
  void shouldSayWhereRedisWasExpectedWhenItCannotBeReached() {
    assertThatThrownBy(() -> TimelineWriter.start(config(URI.create("redis://127.0.0.1:1"))))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("127.0.0.1:1 cannot be reached");
  }
}
