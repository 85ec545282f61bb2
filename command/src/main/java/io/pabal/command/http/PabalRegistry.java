// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.http;

import io.micrometer.core.instrument.Measurement;
import io.micrometer.core.instrument.Meter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.pabal.telemetry.DelayHistogram;
import io.pabal.telemetry.SampleFamily;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * Micrometer's registry for Prometheus, which also writes the buckets of a {@link DelayHistogram}
 * and each sample of a {@link SampleFamily}.
 */
final class PabalRegistry extends PrometheusMeterRegistry {

  private final Map<String, SnapshotFamily> families = new ConcurrentSkipListMap<>();

  PabalRegistry() {
    super(PrometheusConfig.DEFAULT);
    MultiCollector collector = this::collect;
    getPrometheusRegistry().register(collector);
  }

  @Override
  protected Meter newMeter(Meter.Id id, Meter.Type type, Iterable<Measurement> measurements) {
    if (!(measurements instanceof DelayHistogram || measurements instanceof SampleFamily)) {
      return super.newMeter(id, type, measurements);
    }
    families.computeIfAbsent(id.getName(), name -> new SnapshotFamily(id)).add(id, measurements);
    return new Read(id, measurements);
  }

  private MetricSnapshots collect() {
    MetricSnapshots.Builder snapshots = MetricSnapshots.builder();
    families.values().forEach(family -> snapshots.metricSnapshot(family.snapshot()));
    return snapshots.build();
  }

  /** A meter that is written by this registry's own collector. */
  private record Read(Meter.Id id, Iterable<Measurement> measurements) implements Meter {
    @Override
    public Id getId() {
      return id;
    }

    @Override
    public Iterable<Measurement> measure() {
      return measurements;
    }
  }
}
