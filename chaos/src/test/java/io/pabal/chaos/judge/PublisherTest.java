// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.judge;

import static io.pabal.chaos.judge.Chronicle.packet;
import static io.pabal.chaos.judge.DeliveryTest.assertViolated;
import static io.pabal.chaos.judge.Violation.Kind.ACKNOWLEDGED_NOT_STORED;
import static io.pabal.chaos.judge.Violation.Kind.STORED_NOT_SENT;
import static io.pabal.chaos.judge.Violation.Kind.STORED_OUT_OF_SEQUENCE;
import static io.pabal.chaos.judge.Violation.Kind.STORED_TWICE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pabal.chaos.history.History;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The promises to publishers. */
class PublisherTest {

  @Test
  void shouldFindAcknowledgedPacketThatIsNotStored() throws IOException {
    Verdict verdict =
        new Chronicle().publish(0, 3).published(packet(4)).acknowledged(packet(4)).judge();

    assertViolated(verdict, ACKNOWLEDGED_NOT_STORED, 1);
  }

  @Test
  void shouldFindAcknowledgedPacketOfWhichOnlyAnotherAttemptIsStored() throws IOException {
    Verdict verdict =
        new Chronicle()
            .published(packet(0))
            .acknowledged(packet(0))
            .published(packet(0, 2))
            .appended(packet(0, 2))
            .judge();

    assertViolated(verdict, ACKNOWLEDGED_NOT_STORED, 1);
  }

  @Test
  void shouldAcceptLostPacketThatWasNotAcknowledged() throws IOException {
    assertThat(new Chronicle().published(packet(0)).judge().violations()).isEmpty();
  }

  @Test
  void shouldFindMessageStoredBehindALaterOne() throws IOException {
    Verdict verdict =
        new Chronicle()
            .published(packet(0))
            .published(packet(1))
            .appended(packet(1))
            .appended(packet(0))
            .judge();

    assertViolated(verdict, STORED_OUT_OF_SEQUENCE, 1);
  }

  @Test
  void shouldAcceptMessageSentAgainBehindALaterOne() throws IOException {
    Verdict verdict =
        new Chronicle()
            .published(packet(0))
            .published(packet(1))
            .published(packet(0, 2))
            .published(packet(1, 2))
            .appended(packet(0))
            .appended(packet(1))
            .appended(packet(0, 2))
            .appended(packet(1, 2))
            .judge();

    assertThat(verdict.violations()).isEmpty();
  }

  @Test
  void shouldFindPacketStoredTwice() throws IOException {
    assertViolated(new Chronicle().publish(0, 0).appended(packet(0)).judge(), STORED_TWICE, 1);
  }

  @Test
  void shouldFindRecordThatNoPublisherSent() throws IOException {
    assertViolated(new Chronicle().appended(packet(5)).judge(), STORED_NOT_SENT, 1);
  }

  @Test
  void shouldFindRecordAtAnotherAddress() throws IOException {
    Verdict verdict = new Chronicle().published(packet(0)).appended(packet(0), "rooms/2").judge();

    assertViolated(verdict, STORED_NOT_SENT, 1);
  }

  @Test
  void shouldRefuseHistoryWithoutRunStarted() {
    assertThatThrownBy(() -> Judge.judge(History.of(List.of())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("run-started");
  }
}
