// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.http;

import io.micrometer.core.instrument.Measurement;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.pabal.telemetry.DelayHistogram;
import io.pabal.telemetry.SampleFamily;
import io.pabal.telemetry.SampleFamily.Sample;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/** All meters of one name, which Prometheus requires together. Safe for use by many threads. */
final class SnapshotFamily {

  private static final double[] BOUNDS_SECONDS = DelayHistogram.boundsSeconds();

  private final MetricMetadata metadata;
  private final Meter.Type type;
  private final Map<Labels, Iterable<Measurement>> members = new ConcurrentHashMap<>();

  /** A family of meters with the name, type and description of {@code first}. */
  SnapshotFamily(Meter.Id first) {
    this.type = first.getType();
    this.metadata =
        new MetricMetadata(
            first.getName().replace('.', '_'),
            Objects.requireNonNullElse(first.getDescription(), ""));
  }

  void add(Meter.Id id, Iterable<Measurement> measurements) {
    Labels labels = Labels.EMPTY;
    for (Tag tag : id.getTags()) {
      labels = labels.add(tag.getKey(), tag.getValue());
    }
    members.put(labels, measurements);
  }

  MetricSnapshot snapshot() {
    return switch (type) {
      case TIMER -> delays();
      case COUNTER -> counters();
      default -> gauges();
    };
  }

  private MetricSnapshot delays() {
    List<HistogramDataPointSnapshot> points = new ArrayList<>();
    members.forEach(
        (labels, member) -> {
          if (member instanceof DelayHistogram histogram) {
            points.add(
                HistogramDataPointSnapshot.builder()
                    .labels(labels)
                    .sum(histogram.totalSeconds())
                    .classicHistogramBuckets(
                        ClassicHistogramBuckets.of(BOUNDS_SECONDS, histogram.counts()))
                    .build());
          }
        });
    return new HistogramSnapshot(metadata, points);
  }

  private MetricSnapshot counters() {
    List<CounterDataPointSnapshot> points = new ArrayList<>();
    samples()
        .forEach(
            (labels, value) ->
                points.add(CounterDataPointSnapshot.builder().labels(labels).value(value).build()));
    return new CounterSnapshot(metadata, points);
  }

  private MetricSnapshot gauges() {
    List<GaugeDataPointSnapshot> points = new ArrayList<>();
    samples()
        .forEach(
            (labels, value) ->
                points.add(GaugeDataPointSnapshot.builder().labels(labels).value(value).build()));
    return new GaugeSnapshot(metadata, points);
  }

  /**
   * Returns one sample for each set of labels. Prometheus would refuse the whole page if two
   * samples had the same labels.
   */
  private Map<Labels, Double> samples() {
    Map<Labels, Double> samples = new LinkedHashMap<>();
    members.forEach(
        (labels, member) -> {
          if (member instanceof SampleFamily family) {
            for (Sample sample : family.samples().get()) {
              Labels all = labels;
              for (int i = 0; i < family.labelNames().size(); i++) {
                all = all.add(family.labelNames().get(i), sample.labelValues().get(i));
              }
              samples.put(all, sample.value());
            }
          }
        });
    return samples;
  }
}
