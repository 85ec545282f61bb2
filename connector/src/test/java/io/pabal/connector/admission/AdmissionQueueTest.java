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
  private static final int CONNECTS_PER_RUN_MAX = 32;

  private final ConnectorMetrics metrics = new ConnectorMetrics();
  private final TestLoop loop = new TestLoop();
  private final List<TestConnect> admitted = new ArrayList<>();
  private final List<TestConnect> refused = new ArrayList<>();
  private boolean backlogged;
  private long nowNanos;

  @Test
  void shouldAdmitInTheOrderOfArrival() {
    AdmissionQueue queue = queue(20, 1_000, Duration.ofSeconds(1));
    List<TestConnect> connects = enter(queue, 5);

    assertThat(admitted).isEqualTo(connects.subList(0, 2));
    nowNanos += Duration.ofMillis(50).toNanos(); // a permit is free, and the queue has not run yet
    TestConnect late = enter(queue, 1).getFirst();

    assertThat(admitted).as("the permit is the next one's").isEqualTo(connects.subList(0, 3));
    pass(Duration.ofMillis(100));
    assertThat(admitted).isEqualTo(connects);
    pass(Duration.ofMillis(50));
    assertThat(admitted).last().isSameAs(late);
    assertThat(refused).isEmpty();
    assertThat(loop.scheduled()).isZero();
  }

  @Test
  void shouldAdmitWhenAPermitEnds() {
    AdmissionQueue queue = queue(1_000_000, 1, Duration.ofSeconds(1));
    List<TestConnect> connects = enter(queue, 2);
    pass(Duration.ofMillis(500));
    assertThat(admitted).containsExactly(connects.getFirst());

    connects.getFirst().permit.end();
    pass(PERIOD);

    assertThat(admitted).isEqualTo(connects);
  }

  @ParameterizedTest
  @CsvSource({"20, 500, 2, 10", "60, 500, 6, 30", "20, 1500, 2, 30"})
  void shouldBoundTheWaitingConnectsByWhatTheRateAdmitsMeanwhile(
      int perSecond, int waitMillis, int atOnce, int waiting) {
    AdmissionQueue queue = queue(perSecond, 1_000, Duration.ofMillis(waitMillis));
    List<TestConnect> connects = enter(queue, atOnce + waiting + 3);

    assertThat(admitted).isEqualTo(connects.subList(0, atOnce));
    assertThat(refused).isEqualTo(connects.subList(atOnce + waiting, connects.size()));
    assertThat(refused).allMatch(each -> each.reason == Refused.RATE);
    assertThat(metrics.connectsOverRate.sum()).isEqualTo(3);
  }

  @Test
  void shouldBoundTheWaitingConnectsWhateverTheRate() {
    AdmissionQueue queue = queue(1_000_000, 1, Duration.ofSeconds(30));
    List<TestConnect> connects = enter(queue, 1 + 20_000 + 1);

    assertThat(refused).containsExactly(connects.getLast());
  }

  @Test
  void shouldBoundTheConnectsOfOneRun() {
    AdmissionQueue queue = queue(1_000_000, 100, Duration.ofSeconds(1));
    List<TestConnect> first = enter(queue, 100);
    enter(queue, 100);
    first.forEach(each -> each.permit.end());

    loop.run(); // woken by the permits that ended
    assertThat(admitted).hasSize(100 + CONNECTS_PER_RUN_MAX);
    pass(PERIOD);
    assertThat(admitted).hasSize(100 + 2 * CONNECTS_PER_RUN_MAX);
  }

  /** On a loop that does nothing but read CONNECTs, the queue's runs are late. */
  @Test
  void shouldAdmitAsManyAsArriveWithoutARun() {
    AdmissionQueue queue = queue(1_000_000, 100, Duration.ofMillis(1));
    List<TestConnect> first = enter(queue, 100);
    List<TestConnect> waiting = enter(queue, 1_000);
    assertThat(refused).isEmpty();
    first.forEach(each -> each.permit.end());

    List<TestConnect> late = enter(queue, 1_000);

    assertThat(admitted).hasSize(200).endsWith(waiting.get(99));
    assertThat(refused).as("places that became free are taken").hasSize(900);
    assertThat(refused).containsExactlyElementsOf(late.subList(100, 1_000));
  }

  @Test
  void shouldNotFailAConnectBecauseTheOneBeforeItFails() {
    AdmissionQueue queue = queue(1_000_000, 2, Duration.ofSeconds(1));
    List<TestConnect> connects = enter(queue, 3);
    connects.getLast().fails = true;
    connects.subList(0, 2).forEach(each -> each.permit.end());

    TestConnect next = enter(queue, 1).getFirst();
    pass(PERIOD);

    assertThat(admitted).containsExactly(connects.get(0), connects.get(1), next);
  }

  @Test
  void shouldRefuseAConnectThatHasWaitedTooLongOrMayNotWait() {
    AdmissionQueue queue = queue(1_000_000, 1, Duration.ofSeconds(1));
    List<TestConnect> connects = enter(queue, 2);
    pass(Duration.ofSeconds(1).minusNanos(1));
    assertThat(refused).isEmpty();
    pass(PERIOD);
    assertThat(refused).containsExactly(connects.getLast());
    assertThat(connects.getLast().reason).isEqualTo(Refused.IN_FLIGHT);

    backlogged = true;
    enter(queue, 1);

    assertThat(refused).last().extracting(each -> each.reason).isEqualTo(Refused.BACKLOG);
    assertThat(metrics.connectsOverBacklog.sum()).isEqualTo(1);
  }

  @Test
  void shouldReuseThePlaceOfAConnectThatLeft() {
    AdmissionQueue queue = queue(2, 1_000, Duration.ofMillis(500));
    List<TestConnect> connects = enter(queue, 2);

    queue.leave(connects.getFirst());
    queue.leave(connects.getLast());
    queue.leave(connects.getLast());
    TestConnect next = enter(queue, 1).getFirst();
    assertThat(loop.scheduled()).as("looks that are due").isEqualTo(1);
    pass(Duration.ofMillis(500));

    assertThat(admitted).containsExactly(connects.getFirst(), next);
    assertThat(refused).isEmpty();
  }

  @Test
  void shouldServeTheRemainingConnectsWhenOneFails() {
    AdmissionQueue queue = queue(20, 1_000, Duration.ofSeconds(1));
    List<TestConnect> connects = enter(queue, 4);
    connects.get(2).fails = true;

    pass(Duration.ofMillis(200));

    assertThat(admitted).contains(connects.get(3)).doesNotContain(connects.get(2));
  }

  @Test
  void shouldShareThePermitsAmongTheLoopsWhoseConnectsWait() {
    Admission admission = admission(0, 10, Duration.ofSeconds(30));
    AdmissionQueue first = new AdmissionQueue(admission, loop);
    TestLoop otherLoop = new TestLoop();
    AdmissionQueue second = new AdmissionQueue(admission, otherLoop);
    List<TestConnect> ofFirst = enter(first, 1_000);
    List<TestConnect> ofSecond = enter(second, 100);
    assertThat(admitted).isEqualTo(ofFirst.subList(0, 10));

    // The first loop always comes first.
    for (int i = 0; i < 40; i++) {
      admitted.forEach(each -> each.permit.end());
      pass(PERIOD);
      otherLoop.advance(PERIOD);
    }

    assertThat(admitted).containsAll(ofSecond);
  }

  @Test
  void shouldGiveALoopAllPermitsWhenNoOtherLoopWaits() {
    Admission admission = admission(0, 10, Duration.ofSeconds(30));
    AdmissionQueue only = new AdmissionQueue(admission, loop);
    enter(new AdmissionQueue(admission, new TestLoop()), 0);

    enter(only, 20);

    assertThat(admitted).hasSize(10);
  }

  @Test
  void shouldHoldBackConnectsWhileSubscribesAreUnderWay() {
    AdmissionQueue queue = queue(0, 2, Duration.ofSeconds(1));
    queue.subscribing("a");
    queue.subscribing("a");
    queue.subscribing("b");
    queue.subscribing("c");
    TestConnect connect = enter(queue, 1).getFirst();
    assertThat(admitted).isEmpty();

    queue.subscribed("b");
    queue.subscribed("never subscribed");
    pass(PERIOD);
    assertThat(admitted).isEmpty();
    queue.subscribed("a");
    pass(PERIOD);

    assertThat(admitted).containsExactly(connect);
  }

  private List<TestConnect> enter(AdmissionQueue queue, int count) {
    List<TestConnect> connects = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      TestConnect connect = new TestConnect();
      connects.add(connect);
      queue.enter(connect);
    }
    return connects;
  }

  /** Lets the time pass in steps of one period, so that each run of the queue is on time. */
  private void pass(Duration time) {
    long endNanos = nowNanos + time.toNanos();
    while (nowNanos < endNanos) {
      long step = Math.min(PERIOD.toNanos(), endNanos - nowNanos);
      nowNanos += step;
      loop.advance(Duration.ofNanos(step));
    }
  }

  private AdmissionQueue queue(int perSecond, int inFlight, Duration waitMax) {
    return new AdmissionQueue(admission(perSecond, inFlight, waitMax), loop);
  }

  private Admission admission(int perSecond, int inFlight, Duration waitMax) {
    return new Admission(
        new ConnectorConfig.Admission(ConnectorConfig.InFlight.fixed(inFlight), perSecond, waitMax),
        () -> backlogged,
        metrics,
        () -> nowNanos);
  }

  @SuppressWarnings("NullAway.Init") // set when it is admitted or refused
  private final class TestConnect implements AdmissionQueue.PendingConnect {

    Permit permit;
    Refused reason;
    boolean fails;

    @Override
    public void admit(Permit given) {
      if (fails) {
        throw new IllegalStateException("meant to fail");
      }
      permit = given;
      admitted.add(this);
    }

    @Override
    public void refuse(Refused given) {
      reason = given;
      refused.add(this);
    }
  }
}
