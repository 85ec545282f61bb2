// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.pabal.telemetry.LogLimiter;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class RefusalLogTest {

  private static final int FLOOD = 10_000;

  private final Logger logger = (Logger) LoggerFactory.getLogger(RefusalLog.class);
  private final Level level = logger.getLevel();
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final Queue<Runnable> afterPeriod = new ArrayDeque<>();
  private long nowNanos;
  private final RefusalLog log = new RefusalLog(() -> nowNanos, afterPeriod::add);

  @BeforeEach
  void listen() {
    lines.start();
    logger.setLevel(Level.INFO);
    logger.addAppender(lines);
  }

  @AfterEach
  void listenNoMore() {
    logger.detachAppender(lines);
    logger.setLevel(level);
  }

  @Test
  void shouldWriteABoundedNumberOfLinesWhenManyClientsAreRefused() {
    for (int i = 0; i < FLOOD; i++) {
      log.refused("remote", "client", new Refusal(ReasonCode.MALFORMED_PACKET, "malformed"));
    }
    secondPasses();

    assertThat(lines.list).hasSize(LogLimiter.LINES_PER_SECOND + 1);
    assertThat(lines.list.getLast().getFormattedMessage())
        .isEqualTo("clients refused code=0x81 leftOut=" + (FLOOD - LogLimiter.LINES_PER_SECOND));
  }

  @Test
  void shouldStillLogOtherReasonsDuringAFloodOfOneReason() {
    for (int i = 0; i < FLOOD; i++) {
      log.refused("remote", "client", new Refusal(ReasonCode.MALFORMED_PACKET, "malformed"));
    }
    log.refused("remote", "bob", new Refusal(ReasonCode.NOT_AUTHORIZED, "not allowed"));

    assertThat(lines.list.getLast().getFormattedMessage())
        .isEqualTo("client refused remote=remote client=bob code=0x87 reason=\"not allowed\"");
  }

  @Test
  void shouldSummarizeEachReasonSeparately() {
    for (ReasonCode code : List.of(ReasonCode.MALFORMED_PACKET, ReasonCode.NOT_AUTHORIZED)) {
      for (int i = 0; i < FLOOD; i++) {
        log.refused("remote", "client", new Refusal(code, "text"));
      }
    }
    secondPasses();

    assertThat(lines.list).hasSize(2 * (LogLimiter.LINES_PER_SECOND + 1));
  }

  private void secondPasses() {
    nowNanos += TimeUnit.SECONDS.toNanos(1);
    while (!afterPeriod.isEmpty()) {
      afterPeriod.remove().run();
    }
  }
}
