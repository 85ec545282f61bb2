// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.failover;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PartitionWatchTest {

  private final PartitionWatch watch = new PartitionWatch();

  @Test
  void shouldDropWhatIsAtOrBelowPositionSeen() {
    watch.delivered(0, 10);
    watch.delivered(1, 20);
    watch.delivered(0, 30);
    watch.delivered(1, 40);

    assertThat(watch.seen()).isEqualTo(1);
    assertThat(watch.repeated()).isEqualTo(2);
    assertThat(watch.skipped()).isZero();
  }

  @Test
  void shouldCountWhatIsMissing() {
    watch.delivered(2, 10);
    watch.delivered(4, 20);

    assertThat(watch.skipped()).isEqualTo(3);
  }

  @Test
  void shouldMeasureLongestPauseOfWindow() {
    watch.delivered(0, 1_000);
    watch.delivered(1, 900_000);
    watch.startWindow(900_100);
    watch.delivered(2, 900_200);
    watch.delivered(2, 900_300);
    watch.delivered(3, 900_700);
    watch.delivered(4, 900_900);

    assertThat(watch.longestPauseNanos()).isEqualTo(500);
    assertThat(watch.resumedNanos()).isEqualTo(900_700);
  }
}
