// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.schemas.topic.Feeds;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LocationRefreshTest {

  private static final long STEP_NANOS = Duration.ofMillis(200).toNanos();
  private static final int STEPS_PER_SECOND = 5;

  private final Map<String, Integer> announced = new HashMap<>();
  private final FeedTable table = new FeedTable(new Counter(), new Feeds(4, 2), 1);
  private int announcements;
  private long nowNanos;

  @Test
  void shouldAnnounceEachAddressOnceInAnIntervalEvenly() {
    activate(1_000);
    LocationRefresh refresh = every(Duration.ofSeconds(100));

    for (int step = 0; step < 100 * STEPS_PER_SECOND; step++) {
      assertThat(step(refresh)).isEqualTo(2);
    }

    assertThat(announced).hasSize(1_000);
    assertThat(announced.values()).containsOnly(1);
  }

  @Test
  void shouldAnnounceAFewAddressesOncePerIntervalOnly() {
    activate(3);
    LocationRefresh refresh = every(Duration.ofSeconds(60));

    for (int step = 0; step < 121 * STEPS_PER_SECOND; step++) {
      assertThat(step(refresh)).isLessThanOrEqualTo(1);
    }

    assertThat(announced).hasSize(3);
    assertThat(announced.values()).containsOnly(2);
  }

  @Test
  void shouldSkipAnAddressThatWaitsForItsFirstAnswer() {
    table.acquire("waits");
    activate(1);
    LocationRefresh refresh = every(Duration.ofSeconds(1));

    for (int step = 0; step < 10 * STEPS_PER_SECOND; step++) {
      step(refresh);
    }

    assertThat(announced).containsOnlyKeys("address/0");
  }

  @Test
  void shouldBoundTheAnnouncementsPerSecond() {
    activate(3 * LocationRefresh.PER_SECOND_MAX);
    LocationRefresh refresh = every(Duration.ofSeconds(1));

    for (int step = 0; step < STEPS_PER_SECOND; step++) {
      step(refresh);
    }

    assertThat(announced).hasSize(LocationRefresh.PER_SECOND_MAX);
  }

  @Test
  void shouldNotMakeUpForAPause() {
    activate(3 * LocationRefresh.PER_SECOND_MAX);
    LocationRefresh refresh = every(Duration.ofHours(1));
    nowNanos += Duration.ofHours(1).toNanos();

    assertThat(step(refresh)).isEqualTo(LocationRefresh.BATCH_MAX);
    assertThat(step(refresh)).isLessThan(LocationRefresh.BATCH_MAX);
  }

  @Test
  void shouldAnnounceNothingWhenSwitchedOff() {
    activate(3);
    LocationRefresh refresh = every(Duration.ZERO);
    nowNanos += Duration.ofDays(1).toNanos();

    assertThat(step(refresh)).isZero();
  }

  private LocationRefresh every(Duration interval) {
    return new LocationRefresh(table, interval, () -> nowNanos);
  }

  /** Lets a fifth of a second pass. Returns the number of announcements in this step. */
  private int step(LocationRefresh refresh) {
    int before = announcements;
    nowNanos += STEP_NANOS;
    refresh.run();
    return announcements - before;
  }

  private void activate(int count) {
    for (int i = 0; i < count; i++) {
      table.acquire("address/" + i).activate();
    }
  }

  private final class Counter implements FeedTable.Announcer {
    @Override
    public void announce(Feed address) {}

    @Override
    public void announceAgain(Feed address) {
      announced.merge(address.name(), 1, Integer::sum);
      announcements++;
    }

    @Override
    public void withdraw(Feed address) {}
  }
}
