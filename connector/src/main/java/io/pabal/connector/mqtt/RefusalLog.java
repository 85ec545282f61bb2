// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.mqtt;

import io.pabal.telemetry.LogLimiter;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log lines about refused clients: at most {@value LogLimiter#LINES_PER_SECOND} a second for
 * each reason code, then one line with the number of lines that were left out. So a large number of
 * refused clients neither fills the disk nor hides the lines about other reason codes. A connector
 * has one instance. Thread-safe.
 */
final class RefusalLog {

  private static final Logger log = LoggerFactory.getLogger(RefusalLog.class);
  private static final Duration PERIOD = Duration.ofSeconds(1);

  private final Map<ReasonCode, LogLimiter> limiters = new EnumMap<>(ReasonCode.class);

  RefusalLog() {
    this(
        System::nanoTime,
        CompletableFuture.delayedExecutor(PERIOD.toMillis(), TimeUnit.MILLISECONDS));
  }

  /**
   * A log with the caller's clock.
   *
   * @param nanoTime a clock like {@link System#nanoTime}
   * @param afterPeriod runs a task when a second has passed
   */
  RefusalLog(LongSupplier nanoTime, Executor afterPeriod) {
    for (ReasonCode code : ReasonCode.values()) {
      limiters.put(
          code,
          new LogLimiter(
              LogLimiter.LINES_PER_SECOND,
              PERIOD,
              count -> log.info("clients refused code={} leftOut={}", code.hex(), count),
              nanoTime,
              afterPeriod));
    }
  }

  /** Logs a refused client, unless too many lines have this reason code already. */
  void refused(String remote, String clientId, Refusal refusal) {
    if (Objects.requireNonNull(limiters.get(refusal.code())).allows()) {
      log.info(
          "client refused remote={} client={} code={} reason=\"{}\"",
          remote,
          clientId,
          refusal.code().hex(),
          refusal.text());
    }
  }
}
