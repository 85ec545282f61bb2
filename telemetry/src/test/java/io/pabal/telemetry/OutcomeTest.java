// SPDX-License-Identifier: Apache-2.0
package io.pabal.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.junit.jupiter.api.Test;

class OutcomeTest {

  @Test
  void shouldNameTheNewestFailureUntilTheNextSuccess() {
    Outcome outcome = new Outcome();
    assertThat(outcome.problem()).isEmpty();

    outcome.failed("first");
    outcome.failed("second");
    assertThat(outcome.problem()).contains("second");

    outcome.succeeded();
    assertThat(outcome.problem()).isEmpty();
  }

  @Test
  void shouldMissASuccessThatIsDue() {
    Outcome outcome = new Outcome(Duration.ofNanos(-1));

    assertThat(outcome.problem())
        .hasValueSatisfying(text -> assertThat(text).startsWith("nothing has succeeded for"));
  }

  @Test
  void shouldSayWhatKafkaSaidAndWhatToDo() {
    var refused = new IllegalStateException(new TopicAuthorizationException("Not authorized"));

    assertThat(KafkaProblem.isIn(refused)).isTrue();
    assertThat(KafkaProblem.describe(refused))
        .isEqualTo("Not authorized. Give this user the right (kafka-acls).");
  }
}
