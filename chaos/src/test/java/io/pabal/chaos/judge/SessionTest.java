// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.judge;

import static io.pabal.chaos.judge.DeliveryTest.assertViolated;
import static io.pabal.chaos.judge.DeliveryTest.subscribed;
import static io.pabal.chaos.judge.Violation.Kind.LOST;
import static io.pabal.chaos.judge.Violation.Kind.NOT_SUBSCRIBED;
import static io.pabal.chaos.judge.Violation.Kind.SESSION_FORGOTTEN;
import static io.pabal.chaos.judge.Violation.Kind.SESSION_NOT_ENDED;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** When a session must be present, and when it must not. */
class SessionTest {

  @Test
  void shouldFindSessionForgottenWithoutFlush() throws IOException {
    assertViolated(subscribed().disconnected(1).connect(2, false).judge(), SESSION_FORGOTTEN, 1);
  }

  @Test
  void shouldFindMessagesThatAForgottenSessionMissed() throws IOException {
    Verdict verdict =
        subscribed().publish(0, 4).arrive(1, 0, 2).disconnected(1).connect(2, false).judge();

    assertThat(verdict.figures().violations()).isEqualTo(Map.of(SESSION_FORGOTTEN, 1, LOST, 2));
  }

  @Test
  void shouldFindSessionForgottenWhenTheFlushWasBeforeIt() throws IOException {
    Verdict verdict =
        new Chronicle().flush().connect(1, false).subscribe(1).connect(2, false).judge();

    assertViolated(verdict, SESSION_FORGOTTEN, 1);
  }

  @Test
  void shouldAcceptThatASessionIsForgottenAfterAFlush() throws IOException {
    Verdict verdict =
        subscribed()
            .publish(0, 4)
            .arrive(1, 0, 2)
            .disconnected(1)
            .flush()
            .publish(5, 5)
            .connect(2, false)
            .subscribe(2)
            .publish(6, 7)
            .arrive(2, 6, 7)
            .judge();

    assertThat(verdict.violations()).isEmpty();
    assertThat(verdict.figures().told()).isEqualTo(1);
    assertThat(verdict.figures().excused()).isEqualTo(3);
  }

  @Test
  void shouldRequireAllMessagesAfterAFlushThatTheSessionOutlived() throws IOException {
    Verdict verdict =
        subscribed().publish(0, 4).arrive(1, 0, 2).disconnected(1).flush().connect(2, true).judge();

    assertViolated(verdict, LOST, 2);
  }

  @Test
  void shouldFindMissingMessageBeforeAFlush() throws IOException {
    Verdict verdict =
        subscribed()
            .publish(0, 4)
            .arrive(1, 0, 0)
            .arrive(1, 3, 3)
            .disconnected(1)
            .flush()
            .connect(2, false)
            .judge();

    assertViolated(verdict, LOST, 2);
  }

  @Test
  void shouldFindSessionOnFirstConnection() throws IOException {
    assertViolated(new Chronicle().connect(1, true).judge(), SESSION_NOT_ENDED, 1);
  }

  @Test
  void shouldAcceptSessionOfAConnectThatWasNotAnswered() throws IOException {
    Verdict verdict = new Chronicle().connecting(1, false).disconnected(1).connect(2, true).judge();

    assertThat(verdict.violations()).isEmpty();
  }

  @Test
  void shouldFindSessionAfterACleanStart() throws IOException {
    Verdict verdict = subscribed().disconnected(1).connecting(2, true).connected(2, true).judge();

    assertViolated(verdict, SESSION_NOT_ENDED, 1);
  }

  @Test
  void shouldFindSubscriptionThatOutlivedACleanStart() throws IOException {
    Verdict verdict =
        subscribed()
            .disconnected(1)
            .connecting(2, true)
            .connected(2, false)
            .publish(0, 0)
            .arrive(2, 0, 0)
            .judge();

    assertViolated(verdict, NOT_SUBSCRIBED, 1);
  }

  @Test
  void shouldRequireNoMessagesFromACleanStartUntilSubscribedAgain() throws IOException {
    Verdict verdict =
        subscribed()
            .publish(0, 3)
            .arrive(1, 0, 1)
            .disconnected(1)
            .connecting(2, true)
            .connected(2, false)
            .publish(4, 5)
            .subscribe(2)
            .publish(6, 7)
            .arrive(2, 6, 7)
            .judge();

    assertThat(verdict.violations()).isEmpty();
    assertThat(verdict.figures().excused()).isZero();
  }

  @Test
  void shouldAcceptThatACleanStartThatWasNotAnsweredTakesEffectLate() throws IOException {
    Verdict verdict =
        subscribed()
            .disconnected(1)
            .connecting(2, true)
            .disconnected(2)
            .connecting(3, true)
            .connected(3, false)
            .subscribe(3)
            .disconnected(3)
            .connect(4, false)
            .judge();

    assertThat(verdict.violations()).isEmpty();
    assertThat(verdict.figures().told()).isEqualTo(1);
  }

  @Test
  void shouldAcceptThatACleanStartTakesEffectOnceOnly() throws IOException {
    Verdict verdict =
        subscribed()
            .disconnected(1)
            .connecting(2, true)
            .disconnected(2)
            .connecting(3, true)
            .connected(3, false)
            .disconnected(3)
            .connect(4, false)
            .disconnected(4)
            .connect(5, false)
            .judge();

    assertViolated(verdict, SESSION_FORGOTTEN, 1);
  }

  @Test
  void shouldAcceptLateArrivalsFromTheConnectionOfAForgottenSession() throws IOException {
    Verdict verdict =
        subscribed()
            .publish(0, 5)
            .arrive(1, 0, 1)
            .flush()
            .connect(2, false)
            .arrive(1, 2, 2)
            .subscribe(2)
            .arrive(1, 3, 3)
            .publish(6, 6)
            .arrive(2, 6, 6)
            .arrive(1, 4, 4)
            .judge();

    assertThat(verdict.figures().violations()).isEmpty();
  }
}
