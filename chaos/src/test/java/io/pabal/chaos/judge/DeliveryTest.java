// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.judge;

import static io.pabal.chaos.judge.Chronicle.ADDRESS;
import static io.pabal.chaos.judge.Chronicle.CLIENT;
import static io.pabal.chaos.judge.Chronicle.PARTITION;
import static io.pabal.chaos.judge.Chronicle.packet;
import static io.pabal.chaos.judge.Violation.Kind.ARRIVED_NOT_STORED;
import static io.pabal.chaos.judge.Violation.Kind.LOST;
import static io.pabal.chaos.judge.Violation.Kind.NOT_SUBSCRIBED;
import static io.pabal.chaos.judge.Violation.Kind.POSITION_DIFFERS;
import static io.pabal.chaos.judge.Violation.Kind.REORDERED;
import static io.pabal.chaos.judge.Violation.Kind.REPEATED;
import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.chaos.history.MessagePosition;
import io.pabal.chaos.history.Packet;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which messages a subscriber is owed, in which order, and how often. Offsets begin at 100. */
class DeliveryTest {

  @Test
  void shouldFindNothingWhenEverythingArrivesOnceAndInOrder() throws IOException {
    Verdict verdict = subscribed().publish(0, 9).arrive(1, 0, 9).judge();

    assertThat(verdict.violations()).isEmpty();
    assertThat(verdict.ok()).isTrue();
    assertThat(verdict.figures().acknowledged()).isEqualTo(10);
    assertThat(verdict.figures().delivered()).isEqualTo(10);
    assertThat(verdict.figures().duplicates()).isZero();
  }

  @Test
  void shouldFindMessageThatIsMissingInTheMiddle() throws IOException {
    Verdict verdict = subscribed().publish(0, 9).arrive(1, 0, 4).arrive(1, 6, 9).judge();

    assertViolated(verdict, LOST, 1);
    assertThat(verdict.violations().getFirst().detail()).contains("3:105", CLIENT, "1/5/1");
  }

  @Test
  void shouldFindMessagesThatAreMissingAtTheEnd() throws IOException {
    assertViolated(subscribed().publish(0, 9).arrive(1, 0, 7).judge(), LOST, 2);
  }

  @Test
  void shouldFindAllMessagesMissingWhenNoneArrives() throws IOException {
    assertViolated(subscribed().publish(0, 9).judge(), LOST, 10);
  }

  @Test
  void shouldFindMissingMessageThatWasStoredButNotAcknowledged() throws IOException {
    Verdict verdict =
        subscribed().published(packet(0)).appended(packet(0)).publish(1, 3).arrive(1, 1, 3).judge();

    assertViolated(verdict, LOST, 1);
  }

  @Test
  void shouldNotRequireMessagesStoredBeforeTheSubAck() throws IOException {
    Verdict verdict =
        new Chronicle()
            .connect(1, false)
            .publish(0, 4)
            .subscribe(1)
            .publish(5, 9)
            .arrive(1, 5, 9)
            .judge();

    assertThat(verdict.violations()).isEmpty();
  }

  @Test
  void shouldRequireAllMessagesBehindTheFirstArrival() throws IOException {
    Verdict verdict =
        new Chronicle()
            .connect(1, false)
            .publish(0, 4)
            .subscribe(1)
            .arrive(1, 2, 2)
            .arrive(1, 4, 4)
            .judge();

    assertViolated(verdict, LOST, 1);
  }

  @Test
  void shouldCountDuplicateAfterReconnect() throws IOException {
    Verdict verdict =
        subscribed()
            .publish(0, 9)
            .arrive(1, 0, 5)
            .disconnected(1)
            .connect(2, true)
            .arrive(2, 3, 9)
            .judge();

    assertThat(verdict.violations()).isEmpty();
    assertThat(verdict.figures().duplicates()).isEqualTo(3);
    assertThat(verdict.figures().delivered()).isEqualTo(10);
  }

  @Test
  void shouldFindDuplicateOnOneConnection() throws IOException {
    assertViolated(subscribed().publish(0, 3).arrive(1, 0, 3).arrive(1, 3, 3).judge(), REPEATED, 1);
  }

  @Test
  void shouldFindDuplicateOnOneConnectionBehindLaterMessages() throws IOException {
    assertViolated(subscribed().publish(0, 3).arrive(1, 0, 3).arrive(1, 1, 1).judge(), REPEATED, 1);
  }

  @Test
  void shouldFindWrongOrderOnOneConnection() throws IOException {
    assertViolated(
        subscribed().publish(0, 3).arrive(1, 0, 1).arrive(1, 3, 3).arrive(1, 2, 2).judge(),
        REORDERED,
        1);
  }

  @Test
  void shouldFindMissingMessagesThatArriveAfterReconnect() throws IOException {
    Verdict verdict =
        subscribed()
            .publish(0, 9)
            .arrive(1, 0, 3)
            .arrive(1, 6, 6)
            .disconnected(1)
            .connect(2, true)
            .arrive(2, 4, 9)
            .judge();

    assertViolated(verdict, REORDERED, 2);
  }

  @Test
  void shouldAcceptOverlappingConnectionsOfTakeover() throws IOException {
    Verdict verdict =
        subscribed()
            .publish(0, 9)
            .arrive(1, 0, 3)
            .connect(2, true)
            .arrive(2, 2, 4)
            .arrive(1, 4, 6)
            .arrive(2, 5, 9)
            .disconnected(1)
            .judge();

    assertThat(verdict.violations()).isEmpty();
    assertThat(verdict.figures().duplicates()).isEqualTo(5);
  }

  @Test
  void shouldDistinguishMessageSentAgainFromDuplicate() throws IOException {
    Chronicle chronicle =
        subscribed()
            .published(packet(0))
            .appended(packet(0))
            .published(packet(0, 2))
            .appended(packet(0, 2))
            .acknowledged(packet(0, 2))
            .arrive(1, 0, 0)
            .arrived(1, packet(0, 2), ADDRESS, null);

    assertThat(chronicle.judge().violations()).isEmpty();
    assertThat(chronicle.judge().figures().duplicates()).isZero();
  }

  @Test
  void shouldFindSecondPositionOfMessageMissing() throws IOException {
    Verdict verdict =
        subscribed()
            .published(packet(0))
            .appended(packet(0))
            .published(packet(0, 2))
            .appended(packet(0, 2))
            .arrive(1, 0, 0)
            .judge();

    assertViolated(verdict, LOST, 1);
  }

  @Test
  void shouldExcuseMessagesInReportedGap() throws IOException {
    Verdict verdict =
        subscribed().publish(0, 9).arrive(1, 0, 4).gap(105, 107).arrive(1, 8, 9).judge();

    assertThat(verdict.violations()).isEmpty();
    assertThat(verdict.figures().excused()).isEqualTo(3);
    assertThat(verdict.figures().gaps()).isEqualTo(1);
    assertThat(verdict.figures().gapsUnneeded()).isZero();
  }

  @Test
  void shouldNotExcuseMessagesOutsideReportedGap() throws IOException {
    assertViolated(
        subscribed().publish(0, 9).arrive(1, 0, 4).gap(106, 107).arrive(1, 8, 9).judge(), LOST, 1);
  }

  @Test
  void shouldNotExcuseMessagesInGapOfAnotherClientOrAddress() throws IOException {
    Verdict verdict =
        subscribed()
            .publish(0, 3)
            .arrive(1, 0, 1)
            .gap("subscriber-2", ADDRESS, PARTITION, 100, 110)
            .gap(CLIENT, "rooms/2", PARTITION, 100, 110)
            .gap(CLIENT, ADDRESS, PARTITION + 1, 100, 110)
            .arrive(1, 3, 3)
            .judge();

    assertViolated(verdict, LOST, 1);
    assertThat(verdict.figures().gapsUnneeded()).isEqualTo(3);
  }

  @Test
  void shouldCountGapThatCoversNoMissingMessage() throws IOException {
    Verdict verdict = subscribed().publish(0, 9).arrive(1, 0, 9).gap(100, 104).judge();

    assertThat(verdict.violations()).isEmpty();
    assertThat(verdict.figures().gapsUnneeded()).isEqualTo(1);
  }

  @Test
  void shouldNotRequireMessagesThatHadNotArrivedAtUnsubscribe() throws IOException {
    Verdict verdict =
        subscribed().publish(0, 9).arrive(1, 0, 6).unsubscribe(1).publish(10, 12).judge();

    assertThat(verdict.violations()).isEmpty();
  }

  @Test
  void shouldFindMissingMessageBeforeUnsubscribe() throws IOException {
    assertViolated(
        subscribed().publish(0, 9).arrive(1, 0, 3).arrive(1, 6, 6).unsubscribe(1).judge(), LOST, 2);
  }

  @Test
  void shouldRequireOnlyMessagesAfterTheSecondSubAck() throws IOException {
    Chronicle chronicle =
        subscribed()
            .publish(0, 4)
            .arrive(1, 0, 4)
            .unsubscribe(1)
            .publish(5, 6)
            .subscribe(1)
            .publish(7, 9)
            .arrive(1, 7, 8);

    assertViolated(chronicle.judge(), LOST, 1);
    assertThat(chronicle.arrive(1, 9, 9).judge().violations()).isEmpty();
  }

  @Test
  void shouldAcceptSubscriptionThatBeginsBeforeAnEarlierOneEnded() throws IOException {
    Verdict verdict =
        subscribed()
            .publish(0, 4)
            .arrive(1, 0, 4)
            .unsubscribe(1)
            .subscribe(1)
            .arrive(1, 3, 4)
            .publish(5, 5)
            .arrive(1, 5, 5)
            .judge();

    assertThat(verdict.violations()).isEmpty();
    assertThat(verdict.figures().duplicates()).isEqualTo(2);
  }

  @Test
  void shouldAcceptRedeliveryOfMessagesBeforeALostSubAck() throws IOException {
    Verdict verdict =
        new Chronicle()
            .connect(1, false)
            .subscribing(1)
            .publish(0, 3)
            .arrive(1, 0, 1)
            .disconnected(1)
            .connect(2, true)
            .arrive(2, 2, 3)
            .subscribe(2)
            .publish(4, 5)
            .arrive(2, 4, 5)
            .disconnected(2)
            .connect(3, true)
            .arrive(3, 1, 5)
            .judge();

    assertThat(verdict.violations()).isEmpty();
    assertThat(verdict.figures().duplicates()).isEqualTo(5);
  }

  @Test
  void shouldFindMessageThatIsNotStored() throws IOException {
    Chronicle chronicle = subscribed().publish(0, 1).arrive(1, 0, 1);

    assertViolated(chronicle.arrived(1, packet(9), ADDRESS, null).judge(), ARRIVED_NOT_STORED, 1);
    assertViolated(
        chronicle.arrived(1, Packet.UNKNOWN, ADDRESS, null).judge(), ARRIVED_NOT_STORED, 2);
  }

  @Test
  void shouldFindMessageAtAnotherAddress() throws IOException {
    Verdict verdict =
        subscribed().publish(0, 0).arrive(1, 0, 0).arrived(1, packet(0), "rooms/2", null).judge();

    assertViolated(verdict, ARRIVED_NOT_STORED, 1);
  }

  @Test
  void shouldFindWrongPosition() throws IOException {
    Chronicle chronicle =
        subscribed()
            .publish(0, 1)
            .arrived(1, packet(0), ADDRESS, new MessagePosition(PARTITION, 100));

    assertViolated(
        chronicle.arrived(1, packet(1), ADDRESS, new MessagePosition(PARTITION, 102)).judge(),
        POSITION_DIFFERS,
        1);
  }

  @Test
  void shouldFindMessageOfAddressWithoutSubscription() throws IOException {
    Verdict verdict = new Chronicle().connect(1, false).publish(0, 0).arrive(1, 0, 0).judge();

    assertViolated(verdict, NOT_SUBSCRIBED, 1);
  }

  @Test
  void shouldMeasureThePauseInConnectedTime() throws IOException {
    Verdict verdict =
        subscribed()
            .publish(0, 0)
            .pass(10)
            .disconnected(1)
            .pass(1_000)
            .connect(2, true)
            .pass(20)
            .arrive(2, 0, 0)
            .judge();

    // Appended, acknowledged, 10 s, disconnected: 12 s. Connected, 20 s, arrived: 21 s.
    assertThat(verdict.figures().longestPauseMillis()).isEqualTo(33_000);
  }

  static Chronicle subscribed() {
    return new Chronicle().connect(1, false).subscribe(1);
  }

  static void assertViolated(Verdict verdict, Violation.Kind kind, int times) {
    assertThat(verdict.figures().violations()).isEqualTo(Map.of(kind, times));
    assertThat(verdict.ok()).isFalse();
    assertThat(verdict.figures().line()).contains(kind.label() + "=" + times, "verdict=violated");
  }
}
