// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.helpers.BasicMDCAdapter;

class QueueingAppenderTest {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int UNLIMITED = 1_000_000;

  private final LoggerContext context = new LoggerContext();
  private final Disk disk = new Disk();
  private final QueueingAppender appender = new QueueingAppender();
  private final Logger log = context.getLogger("test");
  private final long droppedBefore = QueueingAppender.dropped().sum();

  @BeforeEach
  void start() {
    context.setMDCAdapter(new BasicMDCAdapter());
    disk.setContext(context);
    disk.start();
    appender.setContext(context);
    appender.setName("test");
    appender.addAppender(disk);
    appender.start();
    log.addAppender(appender);
  }

  @AfterEach
  void stop() {
    disk.takes.release(UNLIMITED);
    context.stop();
  }

  @Test
  void shouldNeverBlockAndCountWhatADiskThatStandsStillCannotTake() {
    int lines = 2 * QueueingAppender.LINES_MAX;
    for (int i = 0; i < lines; i++) {
      log.info("line {}", i);
    }
    long taken = lines - dropped();

    assertThat(taken)
        .isBetween(
            (long) QueueingAppender.LINES_MAX - QueueingAppender.PROBLEM_LINES,
            (long) QueueingAppender.LINES_MAX - QueueingAppender.PROBLEM_LINES + 1);
    disk.takes.release(UNLIMITED);
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> assertThat(disk.lines).contains("log lines dropped count=" + dropped()));
    assertThat(disk.lines).hasSize((int) taken + 1).contains("line 0", "line 1");
  }

  @Test
  void shouldKeepPlacesForWarningsAndErrors() {
    for (int i = 0; i < QueueingAppender.LINES_MAX; i++) {
      log.info("line {}", i);
    }
    long droppedInfo = dropped();
    for (int i = 0; i < QueueingAppender.PROBLEM_LINES - 1; i++) {
      log.warn("warning {}", i);
    }

    assertThat(droppedInfo).isPositive();
    assertThat(dropped()).isEqualTo(droppedInfo);
    for (int i = 0; i < QueueingAppender.LINES_MAX; i++) {
      log.error("error {}", i);
    }
    assertThat(dropped()).isGreaterThan(droppedInfo);
  }

  @Test
  void shouldHaveWrittenEverythingWhenItIsFlushed() {
    disk.takes.release(UNLIMITED);
    for (int i = 0; i < 1_000; i++) {
      log.info("line {}", i);
    }

    appender.flush(PATIENCE.toNanos());

    assertThat(disk.lines).hasSize(1_000).last().isEqualTo("line 999");
  }

  @Test
  void shouldHaveWrittenEverythingWhenItIsStopped() {
    disk.takes.release(UNLIMITED);
    for (int i = 0; i < 1_000; i++) {
      log.info("line {}", i);
    }

    appender.stop();

    assertThat(disk.lines).hasSize(1_000).last().isEqualTo("line 999");
  }

  @Test
  void shouldGiveUpFlushingWhenTheDiskStandsStill() {
    log.info("line");

    appender.flush(TimeUnit.MILLISECONDS.toNanos(1));

    assertThat(disk.lines).isEmpty();
  }

  @Test
  void shouldGoOnAfterALineThatCannotBeWritten() {
    disk.takes.release(UNLIMITED);
    log.info("poison");
    log.info("line");

    appender.flush(PATIENCE.toNanos());

    assertThat(disk.lines).containsExactly("log lines dropped count=1", "line");
  }

  @Test
  void shouldWriteWhatAnArgumentWasWhenItWasLogged() {
    List<String> changing = new CopyOnWriteArrayList<>(List.of("before"));
    log.atLevel(org.slf4j.event.Level.INFO).log("state={}", changing);
    changing.set(0, "after");

    disk.takes.release(UNLIMITED);
    appender.flush(PATIENCE.toNanos());

    assertThat(disk.lines).containsExactly("state=[before]");
    assertThat(disk.levels).containsExactly(Level.INFO);
  }

  private long dropped() {
    return QueueingAppender.dropped().sum() - droppedBefore;
  }

  /** Takes lines when the test lets it. */
  private static final class Disk extends AppenderBase<ILoggingEvent> {

    private final Semaphore takes = new Semaphore(0);
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final List<Level> levels = new CopyOnWriteArrayList<>();

    @Override
    public synchronized void doAppend(ILoggingEvent event) {
      try {
        takes.acquire();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("the thread that logs was blocked", e);
      }
      if (event.getFormattedMessage().equals("poison")) {
        throw new IllegalStateException("poison");
      }
      append(event);
    }

    @Override
    protected void append(ILoggingEvent event) {
      lines.add(event.getFormattedMessage());
      levels.add(event.getLevel());
    }
  }
}
