// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class ProgressBarTest {

  private final StringWriter err = new StringWriter();

  @Test
  void shouldDrawOnATerminalAndTidyUp() {
    try (ProgressBar progress = new ProgressBar(new PrintWriter(err), true, "records", 2_000)) {
      progress.advance(500);
    }

    assertThat(err.toString())
        .contains("[#######                       ]  25 %  500 of 2,000 records")
        .endsWith("\r\u001B[K");
  }

  @Test
  void shouldStaySilentElsewhere() {
    try (ProgressBar progress = new ProgressBar(new PrintWriter(err), false, "records", 2_000)) {
      progress.advance(2_000);
    }

    assertThat(err.toString()).isEmpty();
  }

  @Test
  void shouldSurviveMoreThanExpected() {
    try (ProgressBar progress = new ProgressBar(new PrintWriter(err), true, "records", 0)) {
      progress.advance(3);
    }

    assertThat(err.toString()).contains("100 %  0 of 0 records");
  }
}
