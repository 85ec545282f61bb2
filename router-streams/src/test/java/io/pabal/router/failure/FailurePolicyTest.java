// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.failure;

import static org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.REPLACE_THREAD;
import static org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.router.metrics.RouterMetrics;
import io.pabal.schemas.SchemaPendingException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.errors.InvalidSessionTimeoutException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.streams.errors.StreamsException;
import org.junit.jupiter.api.Test;

class FailurePolicyTest {

  private final AtomicLong nanos = new AtomicLong();
  private final FailurePolicy policy =
      new FailurePolicy(new RouterMetrics(), nanos::get, Duration.ZERO);

  @Test
  void shouldReplaceThreadWithoutLimitAfterTransientFailures() {
    var kafka =
        new StreamsException(new ProductionFailedException("unrouted", new TimeoutException("x")));
    var registry =
        new StreamsException(
            new SchemaPendingException("x", CompletableFuture.completedFuture(null)));
    for (int i = 0; i < FailurePolicy.UNEXPECTED_MAX + 1; i++) {
      assertThat(policy.handle(kafka)).isEqualTo(REPLACE_THREAD);
      assertThat(policy.handle(registry)).isEqualTo(REPLACE_THREAD);
    }
  }

  @Test
  void shouldReplaceThreadAsOftenAsTopicsRefuseDeliveries() {
    var refused =
        new StreamsException(
            new DeliveryRefusedException("deliveries.c1", new RecordTooLargeException("x")));

    for (int i = 0; i < 10 * FailurePolicy.UNEXPECTED_MAX; i++) {
      assertThat(policy.handle(refused)).isEqualTo(REPLACE_THREAD);
    }
  }

  @Test
  void shouldStopWhenUnexpectedFailuresRepeat() {
    var unexpected = new IllegalStateException("a defect");
    for (int i = 0; i < FailurePolicy.UNEXPECTED_MAX; i++) {
      assertThat(policy.handle(unexpected)).isEqualTo(REPLACE_THREAD);
    }

    assertThat(policy.handle(unexpected)).isEqualTo(SHUTDOWN_CLIENT);
    assertThat(policy.last()).isSameAs(unexpected);
  }

  @Test
  void shouldForgiveUnexpectedFailuresAfterTheWindow() {
    for (int i = 0; i < FailurePolicy.UNEXPECTED_MAX; i++) {
      policy.handle(new IllegalStateException("an accident"));
    }
    nanos.set(FailurePolicy.UNEXPECTED_WINDOW.toNanos() + 1);

    assertThat(policy.handle(new IllegalStateException("another"))).isEqualTo(REPLACE_THREAD);
  }

  @Test
  void shouldStopAtOnceWhenBrokersRefuseSessionTimeout() {
    assertThat(policy.handle(new StreamsException(new InvalidSessionTimeoutException("x"))))
        .isEqualTo(SHUTDOWN_CLIENT);
  }

  @Test
  void shouldStopAtJvmError() {
    assertThat(policy.handle(new StreamsException(new OutOfMemoryError("x"))))
        .isEqualTo(SHUTDOWN_CLIENT);
  }
}
