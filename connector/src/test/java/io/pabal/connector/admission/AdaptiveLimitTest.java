// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AdaptiveLimitTest {

  private static final int MIN = 10;
  private static final int MAX = 1_000;
  private static final Duration ALLOWANCE = Duration.ofMillis(5);
  private static final double QUICK_MILLIS = 2;
  private static final double SLOW_MILLIS = 40;

  private final AdaptiveLimit limit = new AdaptiveLimit(MIN, MAX, ALLOWANCE.toNanos(), 0);
  private long nowNanos;

  @Test
  void shouldGrowToItsUpperBoundWhileNoPartIsSlow() {
    storm(Duration.ofSeconds(4), QUICK_MILLIS, QUICK_MILLIS, QUICK_MILLIS);

    assertThat(limit.current()).isEqualTo(MAX);
  }

  @Test
  void shouldNotGrowWhenNoConnectIsHeldBack() {
    int before = limit.current();
    for (int i = 0; i < 100; i++) {
      record(QUICK_MILLIS, QUICK_MILLIS, QUICK_MILLIS);
      endWindow();
    }

    assertThat(limit.current()).isEqualTo(before);
  }

  @ParameterizedTest
  @EnumSource(Part.class)
  void shouldShrinkWhenOnePartIsSlow(Part slow) {
    storm(Duration.ofSeconds(3), QUICK_MILLIS, QUICK_MILLIS, QUICK_MILLIS);
    int before = limit.current();

    for (int i = 0; i < 8; i++) {
      fill();
      record(
          slow == Part.CLAIM ? SLOW_MILLIS : QUICK_MILLIS,
          slow == Part.ACTIVATION ? SLOW_MILLIS : QUICK_MILLIS,
          slow == Part.EVENT_LOOP ? SLOW_MILLIS : QUICK_MILLIS);
      endWindow();
    }

    assertThat(limit.current()).isBetween(MIN, before / 3);
  }

  /** Each delay is in proportion to the sessions in flight: a limit of 300 makes it three times. */
  @Test
  void shouldRestWhereTheSlowestPartTakesWhatItMay() {
    for (int i = 0; i < 200; i++) {
      fill();
      double millis = QUICK_MILLIS * Math.max(1, limit.current() / 100.0);
      record(millis, QUICK_MILLIS, QUICK_MILLIS);
      endWindow();
    }

    // Twice the undisturbed 2 ms and 5 ms more are 9 ms, which a limit of 450 takes.
    assertThat(limit.current()).isBetween(350, 600);
  }

  @Test
  void shouldStayWithinItsBoundsWhateverThePartsDo() {
    storm(Duration.ofSeconds(2), QUICK_MILLIS, QUICK_MILLIS, QUICK_MILLIS);
    for (int i = 0; i < 50; i++) {
      fill();
      record(5_000, 10_000, 1_000);
      endWindow();

      assertThat(limit.current()).isBetween(MIN, MAX);
    }
  }

  @Test
  void shouldMeasureAgainWhatIsUndisturbedOnAMachineThatBecameSlow() {
    storm(Duration.ofSeconds(2), QUICK_MILLIS, QUICK_MILLIS, QUICK_MILLIS);

    storm(Duration.ofSeconds(60), SLOW_MILLIS, SLOW_MILLIS, SLOW_MILLIS);

    assertThat(limit.delay(Part.CLAIM).undisturbedNanos()).isGreaterThan(SLOW_MILLIS * 1e6 / 2);
    assertThat(limit.current()).isGreaterThan(MAX / 2);
  }

  @Test
  void shouldNotGrowWhileNoClaimIsAnswered() {
    storm(Duration.ofMillis(500), QUICK_MILLIS, QUICK_MILLIS, QUICK_MILLIS);
    int before = limit.current();

    for (int i = 0; i < 50; i++) {
      fill();
      limit.delay(Part.EVENT_LOOP).record(nanos(QUICK_MILLIS));
      endWindow();
    }

    assertThat(limit.current()).isEqualTo(before);
  }

  @Test
  void shouldCountSessionsBeyondTheLimitButAdmitNone() {
    for (int i = 0; i < limit.current() + 5; i++) {
      limit.enter();
    }

    assertThat(limit.tryEnter()).isFalse();
    for (int i = 0; i < 6; i++) {
      limit.leave();
    }
    assertThat(limit.tryEnter()).isTrue();
    assertThat(limit.tryEnter()).isFalse();
  }

  private void storm(Duration time, double claim, double activation, double eventLoop) {
    long endNanos = nowNanos + time.toNanos();
    while (nowNanos < endNanos) {
      fill();
      record(claim, activation, eventLoop);
      endWindow();
    }
  }

  /** As many sessions are in flight as may be, and one more is held back. */
  private void fill() {
    while (limit.inFlight() > limit.current()) {
      limit.leave();
    }
    while (limit.tryEnter()) {
      // until the limit is reached
    }
  }

  private void record(double claimMillis, double activationMillis, double eventLoopMillis) {
    for (int i = 0; i < 20; i++) {
      limit.delay(Part.CLAIM).record(nanos(claimMillis));
      limit.delay(Part.ACTIVATION).record(nanos(activationMillis));
      limit.delay(Part.EVENT_LOOP).record(nanos(eventLoopMillis));
    }
  }

  private void endWindow() {
    nowNanos += Duration.ofMillis(AdaptiveLimit.WINDOW_MILLIS).toNanos();
    limit.update(nowNanos);
  }

  private static long nanos(double millis) {
    return Math.round(millis * 1e6);
  }
}
