// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.http;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.pabal.command.log.QueueingAppender;
import io.pabal.telemetry.Observed;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/**
 * Watches the parts of this process: collects their metrics and reports their health. Safe for use
 * by many threads.
 */
public final class Monitor implements AutoCloseable {

  private final PabalRegistry registry = new PabalRegistry();
  private final JvmGcMetrics collections = new JvmGcMetrics();
  private final Map<String, Optional<Observed>> parts =
      Collections.synchronizedMap(new LinkedHashMap<>());

  /** A monitor that watches the JVM and no part yet. */
  public Monitor() {
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new FileDescriptorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    collections.bindTo(registry);
    FunctionCounter.builder("pabal.log.lines.dropped", QueueingAppender.dropped(), LongAdder::sum)
        .description("Lines that the log did not take in time")
        .register(registry);
  }

  /** Announces a part that is about to start. The process is not ready until {@link #watch}. */
  public void expect(String part) {
    parts.put(part, Optional.empty());
  }

  /** Watches a part that runs. */
  public void watch(String part, Observed observed) {
    observed.bindTo(registry);
    parts.put(part, Optional.of(observed));
  }

  /** All metrics, in Prometheus' text format. */
  String scrape() {
    return registry.scrape();
  }

  /** The health of every part. A part that has not started yet has no health. */
  HealthReport report() {
    Map<String, Optional<Observed>> now;
    synchronized (parts) {
      now = new LinkedHashMap<>(parts);
    }
    return HealthReport.of(now);
  }

  @Override
  public void close() {
    collections.close();
    registry.close();
  }
}
