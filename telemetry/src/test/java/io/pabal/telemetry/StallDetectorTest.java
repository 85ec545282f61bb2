// SPDX-License-Identifier: Apache-2.0
package io.pabal.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class StallDetectorTest {

  private static final long SECOND = 1_000_000_000;

  private double figure;
  private final StallDetector progress = new StallDetector(() -> figure, Duration.ofSeconds(10));

  @Test
  void shouldEndAfterSilenceAndGoOnWithTheNextChange() {
    assertThat(progress.goesOn(0)).isTrue();
    assertThat(progress.goesOn(10 * SECOND)).isTrue();
    assertThat(progress.goesOn(10 * SECOND + 1)).isFalse();

    figure++;

    assertThat(progress.goesOn(11 * SECOND)).isTrue();
  }

  @Test
  void shouldEndWhenTheFigureIsMissing() {
    figure = Double.NaN;

    assertThat(progress.goesOn(0)).isTrue();
    assertThat(progress.goesOn(11 * SECOND)).isFalse();
  }
}
