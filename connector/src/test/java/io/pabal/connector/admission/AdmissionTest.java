// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.admission;

import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.connector.ConnectorConfig;
import io.pabal.connector.ConnectorMetrics;
import io.pabal.connector.admission.Admission.Permit;
import io.pabal.connector.admission.Admission.Refused;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

@SuppressWarnings("NullAway.Init") // each test has the admission that it needs
class AdmissionTest {

  private final ConnectorMetrics metrics = new ConnectorMetrics();
  private long nowNanos;
  private boolean backlogged;
  private Admission admission;

  @Test
  void shouldRefuseMoreThanTheRate() {
    Admission.Share share = share(20, 1_000);

    assertThat(share.ask()).isInstanceOf(Permit.class);
    assertThat(share.ask()).isInstanceOf(Permit.class);
    assertThat(share.ask()).isEqualTo(Refused.RATE);
    pass(Duration.ofMillis(50));

    assertThat(share.ask()).isInstanceOf(Permit.class);
    assertThat(share.ask()).isEqualTo(Refused.RATE);
    assertThat(admission.inFlight()).isEqualTo(3);
  }

  @Test
  void shouldRefuseMoreThanMayBeInFlight() {
    Admission.Share share = share(1_000, 2);
    Permit first = permit(share);
    permit(share);

    assertThat(share.ask()).isEqualTo(Refused.IN_FLIGHT);
    first.end();
    first.end();

    permit(share);
    assertThat(share.ask()).isEqualTo(Refused.IN_FLIGHT);
    assertThat(admission.inFlight()).isEqualTo(2);
  }

  @Test
  void shouldNotSpendTheRateOnARefusedConnect() {
    Admission.Share share = share(20, 1);
    Permit first = permit(share);
    share.ask();
    first.end();

    permit(share);
  }

  @Test
  void shouldRefuseWhenTooMuchWaitsForKafka() {
    Admission.Share share = share(1_000, 1_000);
    backlogged = true;

    assertThat(share.ask()).isEqualTo(Refused.BACKLOG);
    assertThat(admission.inFlight()).isZero();
  }

  @Test
  void shouldExpireAPermitThatDoesNotEnd() {
    Admission.Share share = share(1_000, 1);
    Permit stuck = permit(share);
    pass(Duration.ofSeconds(10).minusNanos(1));
    assertThat(share.ask()).isEqualTo(Refused.IN_FLIGHT);
    pass(Duration.ofNanos(1));

    permit(share);
    stuck.end();

    assertThat(admission.inFlight()).isEqualTo(1);
  }

  @Test
  void shouldBoundTheSessionsInFlightUnderConcurrentUse() throws InterruptedException {
    int allowed = 7;
    long seed = System.nanoTime();
    Admission.Share share = share(1_000_000, allowed);
    AtomicInteger held = new AtomicInteger();
    AtomicInteger heldMost = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Random random = new Random(seed + i);
      threads.add(Thread.ofPlatform().start(() -> askAndEnd(share, random, held, heldMost)));
    }
    for (Thread thread : threads) {
      thread.join();
    }

    assertThat(heldMost.get()).as("seed %d", seed).isBetween(1, allowed);
    assertThat(admission.inFlight()).as("seed %d", seed).isZero();
  }

  private static void askAndEnd(
      Admission.Share share, Random random, AtomicInteger held, AtomicInteger heldMost) {
    List<Permit> mine = new ArrayList<>();
    for (int i = 0; i < 50_000; i++) {
      if (random.nextBoolean()) {
        if (share.ask() instanceof Permit permit) {
          mine.add(permit);
          heldMost.accumulateAndGet(held.incrementAndGet(), Math::max);
        }
      } else if (!mine.isEmpty()) {
        held.decrementAndGet();
        mine.removeLast().end();
      }
    }
    held.addAndGet(-mine.size());
    mine.forEach(Permit::end);
  }

  private Admission.Share share(int perSecond, int inFlight) {
    admission =
        new Admission(
            new ConnectorConfig.Admission(
                ConnectorConfig.InFlight.fixed(inFlight), perSecond, Duration.ZERO),
            () -> backlogged,
            metrics,
            () -> nowNanos);
    return admission.share(() -> {});
  }

  private void pass(Duration time) {
    nowNanos += time.toNanos();
  }

  private static Permit permit(Admission.Share share) {
    Admission.Answer answer = share.ask();
    assertThat(answer).isInstanceOf(Permit.class);
    return (Permit) answer;
  }
}
