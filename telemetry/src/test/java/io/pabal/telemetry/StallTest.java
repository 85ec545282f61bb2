// SPDX-License-Identifier: Apache-2.0
package io.pabal.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class StallTest {

  private final AtomicLong begun = new AtomicLong();
  private final AtomicLong ended = new AtomicLong();
  private final Stall stall = new Stall(begun::get, ended::get);
  private long nowNanos = -5;

  @Test
  void shouldCountWhileNothingEnds() {
    begun.set(3);
    assertThat(after(0)).isZero();
    assertThat(after(7)).isEqualTo(7);

    ended.set(1);
    assertThat(after(1)).isZero();
    assertThat(after(4)).isEqualTo(4);
  }

  @Test
  void shouldNotCountWhileNothingIsUnderWay() {
    assertThat(after(100)).isZero();

    begun.set(1);
    assertThat(after(100)).isZero();
    ended.set(1);
    assertThat(after(100)).isZero();
    assertThat(after(100)).isZero();
  }

  private double after(long seconds) {
    nowNanos += Duration.ofSeconds(seconds).toNanos();
    return stall.seconds(nowNanos);
  }
}
