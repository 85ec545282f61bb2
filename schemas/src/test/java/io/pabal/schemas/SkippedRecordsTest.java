// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SkippedRecordsTest {

  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final LongAdder count = new LongAdder();
  private final Logger log = new LoggerContext().getLogger("skipped");
  private long nowNanos;
  private final SkippedRecords skipped = new SkippedRecords(log, count, () -> nowNanos);

  @BeforeEach
  void listen() {
    lines.start();
    log.addAppender(lines);
  }

  @Test
  void shouldCountEachAndLogEachOnceWithItsPlace() {
    skipped.add("sessions", 3, 1042, "no key");
    skipped.add("sessions", 3, 1043, null);

    assertThat(count.sum()).isEqualTo(2);
    assertThat(texts())
        .containsExactly(
            "record skipped at=sessions-3@1042 reason=\"no key\" leftOut=0",
            "record skipped at=sessions-3@1043 reason=\"null\" leftOut=0");
  }

  @Test
  void shouldSayHowManyLinesWereLeftOutOfAFlood() {
    for (int offset = 0; offset < 1_000; offset++) {
      skipped.add("messages", 0, offset, "garbage");
    }
    assertThat(texts()).hasSize(10);

    nowNanos += TimeUnit.SECONDS.toNanos(10);
    skipped.add("messages", 0, 1_000, "garbage");

    assertThat(count.sum()).isEqualTo(1_001);
    assertThat(texts()).hasSize(11).last().asString().endsWith(" leftOut=990");
  }

  @Test
  void shouldCutReasonsThatQuoteARecord() {
    skipped.add("messages", 0, 0, "x".repeat(100_000));

    assertThat(texts().getFirst()).hasSizeLessThan(500);
  }

  private List<String> texts() {
    return lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }
}
