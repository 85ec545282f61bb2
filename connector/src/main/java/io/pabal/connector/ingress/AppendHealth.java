// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.ingress;

import io.pabal.connector.ConnectorMetrics;
import io.pabal.telemetry.Outcome;
import io.pabal.telemetry.Stall;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether Kafka accepts messages, judged by the results of recent appends and, in times without
 * appends, by what the brokers report.
 *
 * <ul>
 *   <li>The newest append failed: Kafka counts as not working until an append succeeds. A connector
 *       that is not ready may get no more clients and thus no more appends. So the state also ends
 *       when it has lasted for more than {@value #FAILURE_SECONDS} s and an {@link AppendProbe}
 *       finds no problem.
 *   <li>Appends are under way, and none was answered for {@value #STALLED_SECONDS_MAX} s: Kafka
 *       counts as not working.
 *   <li>Otherwise the newest probe decides.
 * </ul>
 *
 * <p>Costs nothing per message but recording its {@link Outcome}. The probe runs every {@value
 * #PROBE_SECONDS} s on a thread of its own, unless an append has succeeded since the last time and
 * the newest one did not fail.
 */
public final class AppendHealth implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(AppendHealth.class);

  private static final int PROBE_SECONDS = 5;
  private static final int STALLED_SECONDS_MAX = 10;

  /**
   * Longer than {@link #STALLED_SECONDS_MAX}: the state that a failed append began lasts until the
   * next append counts as stalled, so that one outage raises one alarm.
   */
  private static final int FAILURE_SECONDS = 20;

  /** Asks Kafka whether it accepts messages. */
  interface Probe extends AutoCloseable {
    /** Why Kafka accepts no message; empty while it accepts messages. Blocks. */
    Optional<String> problem() throws InterruptedException;

    @Override
    void close();
  }

  private final Outcome outcome;
  private final LongSupplier succeeded;
  private final Stall stall;
  private final Probe probe;
  private final LongSupplier nanoTime;
  private final ScheduledExecutorService executor =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("append-probe").factory());

  private volatile @Nullable String found;
  private long succeededSeen;
  private long failingSinceNanos;
  private boolean failing;

  AppendHealth(ConnectorMetrics metrics, Probe probe, LongSupplier nanoTime) {
    this.outcome = metrics.appendOutcome;
    // Both are counted when an append is answered, the failure after the delay.
    this.succeeded = () -> metrics.appendDelay.count() - metrics.appendsFailed.sum();
    this.stall = new Stall(metrics.publishes::sum, metrics.appendDelay::count);
    this.probe = probe;
    this.nanoTime = nanoTime;
  }

  /** Starts to watch the appends that {@code metrics} count. */
  public static AppendHealth start(ConnectorMetrics metrics, String bootstrapServers) {
    AppendHealth health =
        new AppendHealth(metrics, new AppendProbe(bootstrapServers), System::nanoTime);
    var _ =
        health.executor.scheduleWithFixedDelay(
            health::check, PROBE_SECONDS, PROBE_SECONDS, TimeUnit.SECONDS);
    return health;
  }

  /** Why messages are not appended, in one sentence; empty while they are. Any thread. */
  public Optional<String> problem() {
    double stalledSeconds = stall.seconds(nanoTime.getAsLong());
    Optional<String> why = Optional.ofNullable(found);
    Optional<String> failure = outcome.problem();
    if (failure.isPresent()) {
      return why.map(text -> failure.get() + " (" + text + ")").or(() -> failure);
    }
    if (stalledSeconds >= STALLED_SECONDS_MAX) {
      String text = "Kafka has answered no append for %.0f s".formatted(stalledSeconds);
      return Optional.of(why.map(each -> text + " (" + each + ")").orElse(text));
    }
    return why;
  }

  @Override
  public void close() {
    executor.shutdownNow();
    probe.close();
  }

  /** Asks Kafka, unless appends have succeeded since the last check. */
  void check() {
    try {
      long succeededNow = succeeded.getAsLong();
      boolean working = succeededNow != succeededSeen && !outcome.isFailing();
      succeededSeen = succeededNow;
      found = working ? null : probe.problem().orElse(null);
      endOldFailure();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      log.warn("appends not probed reason=\"{}\"", e.toString());
      found = "Kafka could not be asked: " + e;
    }
  }

  private void endOldFailure() {
    long nowNanos = nanoTime.getAsLong();
    if (!failing) {
      failingSinceNanos = nowNanos;
    }
    failing = outcome.isFailing();
    if (failing
        && found == null
        && nowNanos - failingSinceNanos > TimeUnit.SECONDS.toNanos(FAILURE_SECONDS)) {
      outcome.succeeded();
      failing = false;
    }
  }
}
