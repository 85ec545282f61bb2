// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.connector.ConnectorMetrics;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How health changes over time after a failed append, and while appends have no answer. */
class AppendHealthTimeTest {

  private final ConnectorMetrics metrics = new ConnectorMetrics();
  private final Brokers brokers = new Brokers();
  private long nowNanos;
  private final AppendHealth health = new AppendHealth(metrics, brokers, () -> nowNanos);

  @AfterEach
  void close() {
    health.close();
  }

  @Test
  void shouldBeHealthyWhenNothingIsPublished() {
    pass(Duration.ofHours(5));

    assertThat(health.problem()).isEmpty();
  }

  @Test
  void shouldSayHowLongAppendsAreUnderWayWithoutAnAnswer() {
    begin();
    assertThat(health.problem()).isEmpty();

    pass(Duration.ofSeconds(12));

    assertThat(health.problem()).contains("Kafka has answered no append for 12 s");
  }

  @Test
  void shouldBeHealthyWhenAppendsAreSlowButAnswered() {
    for (int i = 0; i < 10; i++) {
      begin();
      begin();
      pass(Duration.ofSeconds(6));
      answer(null);

      assertThat(health.problem()).isEmpty();
    }
  }

  @Test
  void shouldStayUnhealthyWhileEveryAppendFails() {
    for (int i = 0; i < 10; i++) {
      begin();
      pass(Duration.ofSeconds(15));
      answer("too late");
      pass(Duration.ofSeconds(15));
      assertThat(health.problem()).isPresent();
    }
  }

  @Test
  void shouldBeHealthyAgainWithTheNextAppendThatSucceeds() {
    begin();
    answer("refused");
    assertThat(health.problem()).contains("refused");

    begin();
    answer(null);

    assertThat(health.problem()).isEmpty();
  }

  @Test
  void shouldBeHealthyAgainWithoutAppendsOnceTheBrokersReportNoProblem() {
    brokers.problem = "no leader";
    begin();
    answer("refused");
    pass(Duration.ofMinutes(5));
    assertThat(health.problem()).contains("refused (no leader)");

    brokers.problem = null;
    pass(Duration.ofMinutes(1));

    assertThat(health.problem()).isEmpty();
  }

  @Test
  void shouldReportAProblemOfTheBrokersBeforeAnyPublish() {
    brokers.problem = "no leader";
    pass(Duration.ofSeconds(5));
    assertThat(health.problem()).contains("no leader");
  }

  @Test
  void shouldNotAskWhileAppendsSucceed() {
    for (int i = 0; i < 10; i++) {
      begin();
      answer(null);
      pass(Duration.ofSeconds(5));
    }

    assertThat(brokers.asked).isZero();
  }

  /** Counts an append that begins, as the ingress does. */
  private void begin() {
    metrics.publishes.increment();
  }

  private void answer(@Nullable String failure) {
    metrics.appendDelay.record(1);
    if (failure == null) {
      metrics.appendOutcome.succeeded();
    } else {
      metrics.appendOutcome.failed(failure);
      metrics.appendsFailed.increment();
    }
  }

  private void pass(Duration time) {
    for (long passed = 0; passed < time.toSeconds(); passed++) {
      nowNanos += Duration.ofSeconds(1).toNanos();
      if (passed % 5 == 4) {
        health.check();
      }
      var _ = health.problem();
    }
  }

  private static final class Brokers implements AppendHealth.Probe {

    private @Nullable String problem;
    private int asked;

    @Override
    public Optional<String> problem() {
      asked++;
      return Optional.ofNullable(problem);
    }

    @Override
    public void close() {}
  }
}
