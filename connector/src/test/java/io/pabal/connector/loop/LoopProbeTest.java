// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import org.junit.jupiter.api.Test;

class LoopProbeTest {

  private final LoopProbe probe = new LoopProbe();

  @Test
  void shouldNotReportALoopThatHasNotStartedAsStalled() {
    assertThat(probe.stalledSeconds()).isZero();
  }

  @Test
  void shouldMeasureAStallAndTheDelayAfterIt() {
    probe.started(nanos -> {});
    await().until(() -> probe.stalledSeconds() > 0);

    probe.run();

    assertThat(probe.delays().count()).isEqualTo(1);
    assertThat(probe.delays().totalSeconds()).isPositive();
  }
}
