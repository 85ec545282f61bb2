// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.admission;

import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.connector.ConnectorConfig;
import io.pabal.connector.ConnectorMetrics;
import io.pabal.connector.admission.Admission.Permit;
import io.pabal.connector.admission.Admission.Refused;
import io.pabal.connector.fixture.TestLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdmissionQueueTest {

  private static final Duration PERIOD = Duration.ofMillis(5);
  private static final int GUESTS_PER_TURN_MAX = 32;

  private final ConnectorMetrics metrics = new ConnectorMetrics();
  private final TestLoop loop = new TestLoop();
  private final List<Guest> letIn = new ArrayList<>();
  private final List<Guest> turnedAway = new ArrayList<>();
  private boolean backlogged;
  private long nowNanos;

  @Test
  void shouldLetInInTheOrderInWhichTheyCame() {
    AdmissionQueue room = room(20, 1_000, Duration.ofSeconds(1));
    List<Guest> guests = enter(room, 5);

    assertThat(letIn).isEqualTo(guests.subList(0, 2));
    nowNanos += Duration.ofMillis(50).toNanos(); // there is a permit, and nobody has looked yet
    Guest late = enter(room, 1).getFirst();

    assertThat(letIn).isEqualTo(guests.subList(0, 2));
    pass(Duration.ofMillis(100));
    assertThat(letIn).isEqualTo(guests);
    pass(Duration.ofMillis(50));
    assertThat(letIn).last().isSameAs(late);
    assertThat(turnedAway).isEmpty();
    assertThat(loop.scheduled()).isZero();
  }

  @Test
  void shouldLetInWhenOneIsNotInFlightAnyMore() {
    AdmissionQueue room = room(1_000_000, 1, Duration.ofSeconds(1));
    List<Guest> guests = enter(room, 2);
    pass(Duration.ofMillis(500));
    assertThat(letIn).containsExactly(guests.getFirst());

    guests.getFirst().permit.end();
    pass(PERIOD);

    assertThat(letIn).isEqualTo(guests);
  }

  @ParameterizedTest
  @CsvSource({"20, 500, 2, 10", "60, 500, 6, 30", "20, 1500, 2, 30"})
  void shouldHaveAsManyWaitAsCouldComeInWhileTheyWait(
      int perSecond, int waitMillis, int atOnce, int waiting) {
    AdmissionQueue room = room(perSecond, 1_000, Duration.ofMillis(waitMillis));
    List<Guest> guests = enter(room, atOnce + waiting + 3);

    assertThat(letIn).isEqualTo(guests.subList(0, atOnce));
    assertThat(turnedAway).isEqualTo(guests.subList(atOnce + waiting, guests.size()));
    assertThat(turnedAway).allMatch(each -> each.refused == Refused.RATE);
    assertThat(metrics.connectsOverRate.sum()).isEqualTo(3);
  }

  @Test
  void shouldHaveNoMoreWaitThanTheRoomHolds() {
    AdmissionQueue room = room(1_000_000, 1, Duration.ofSeconds(30));
    List<Guest> guests = enter(room, 1 + 10_000 + 1);

    assertThat(turnedAway).containsExactly(guests.getLast());
  }

  @Test
  void shouldServeOnlySoManyInOneTurn() {
    AdmissionQueue room = room(1_000_000, 100, Duration.ofSeconds(1));
    List<Guest> first = enter(room, 100);
    enter(room, 100);
    first.forEach(each -> each.permit.end());

    pass(PERIOD);
    assertThat(letIn).hasSize(100 + GUESTS_PER_TURN_MAX);
    pass(PERIOD);
    assertThat(letIn).hasSize(100 + 2 * GUESTS_PER_TURN_MAX);
  }

  @Test
  void shouldTurnAwayWhoHasWaitedTooLongOrMayNotWait() {
    AdmissionQueue room = room(1_000_000, 1, Duration.ofSeconds(1));
    List<Guest> guests = enter(room, 2);
    pass(Duration.ofSeconds(1).minusNanos(1));
    assertThat(turnedAway).isEmpty();
    pass(PERIOD);
    assertThat(turnedAway).containsExactly(guests.getLast());
    assertThat(guests.getLast().refused).isEqualTo(Refused.IN_FLIGHT);

    backlogged = true;
    enter(room, 1);

    assertThat(turnedAway).last().extracting(each -> each.refused).isEqualTo(Refused.BACKLOG);
    assertThat(metrics.connectsOverBacklog.sum()).isEqualTo(1);
  }

  @Test
  void shouldGiveThePlaceOfOneThatLeftToAnother() {
    AdmissionQueue room = room(2, 1_000, Duration.ofMillis(500));
    List<Guest> guests = enter(room, 2);

    room.leave(guests.getFirst());
    room.leave(guests.getLast());
    room.leave(guests.getLast());
    Guest next = enter(room, 1).getFirst();
    assertThat(loop.scheduled()).as("looks that are due").isEqualTo(1);
    pass(Duration.ofMillis(500));

    assertThat(letIn).containsExactly(guests.getFirst(), next);
    assertThat(turnedAway).isEmpty();
  }

  @Test
  void shouldServeTheOthersWhenOneFails() {
    AdmissionQueue room = room(20, 1_000, Duration.ofSeconds(1));
    List<Guest> guests = enter(room, 4);
    guests.get(2).fails = true;

    pass(Duration.ofMillis(200));

    assertThat(letIn).contains(guests.get(3)).doesNotContain(guests.get(2));
  }

  private List<Guest> enter(AdmissionQueue room, int count) {
    List<Guest> guests = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Guest guest = new Guest();
      guests.add(guest);
      room.enter(guest);
    }
    return guests;
  }

  /** Lets the loop look once for every period that passes. */
  private void pass(Duration time) {
    long endNanos = nowNanos + time.toNanos();
    while (nowNanos < endNanos) {
      long step = Math.min(PERIOD.toNanos(), endNanos - nowNanos);
      nowNanos += step;
      loop.advance(Duration.ofNanos(step));
    }
  }

  private AdmissionQueue room(int perSecond, int inFlight, Duration waitMax) {
    return new AdmissionQueue(
        new Admission(
            new ConnectorConfig.Admission(perSecond, inFlight, waitMax),
            () -> backlogged,
            metrics,
            () -> nowNanos),
        loop);
  }

  @SuppressWarnings("NullAway.Init") // set when it is let in or turned away
  private final class Guest implements AdmissionQueue.Guest {

    Permit permit;
    Refused refused;
    boolean fails;

    @Override
    public void letIn(Permit given) {
      if (fails) {
        throw new IllegalStateException("meant to fail");
      }
      permit = given;
      letIn.add(this);
    }

    @Override
    public void turnAway(Refused reason) {
      refused = reason;
      turnedAway.add(this);
    }
  }
}
