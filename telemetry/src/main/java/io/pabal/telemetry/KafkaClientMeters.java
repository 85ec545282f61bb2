// SPDX-License-Identifier: Apache-2.0
package io.pabal.telemetry;

import io.pabal.telemetry.SampleFamily.Sample;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;

/** The metrics of a Kafka client that show its condition, as meters. */
public final class KafkaClientMeters {

  private static final List<String> CLIENT_LABELS = List.of("client");
  private static final List<String> PARTITION_LABELS = List.of("client", "topic", "partition");

  /** The metrics that are bound: Kafka's group and name, and the meter's name. */
  private enum Picked {
    LAG(
        "consumer-fetch-manager-metrics",
        "records-lag",
        "pabal.kafka.lag.records",
        "Records between what was fetched last and the end of the partition",
        PARTITION_LABELS,
        false,
        1),
    LAST_POLL(
        "consumer-metrics",
        "last-poll-seconds-ago",
        "pabal.kafka.last.poll.seconds",
        "Time since the consumer was last asked for records",
        CLIENT_LABELS,
        false,
        1),
    REBALANCES(
        "consumer-coordinator-metrics",
        "rebalance-total",
        "pabal.kafka.rebalances",
        "Times that the group divided its partitions anew",
        CLIENT_LABELS,
        true,
        1),
    ERRORS(
        "producer-metrics",
        "record-error-total",
        "pabal.kafka.record.errors",
        "Records that were given up",
        CLIENT_LABELS,
        true,
        1),
    RETRIES(
        "producer-metrics",
        "record-retry-total",
        "pabal.kafka.record.retries",
        "Records that were sent once more",
        CLIENT_LABELS,
        true,
        1),
    REQUEST_LATENCY(
        "producer-metrics",
        "request-latency-avg",
        "pabal.kafka.request.latency.seconds",
        "Mean time of produce requests over the last half minute",
        CLIENT_LABELS,
        false,
        0.001),
    QUEUE_TIME(
        "producer-metrics",
        "record-queue-time-avg",
        "pabal.kafka.queue.seconds",
        "Mean time that a batch waited before it was sent, over the last half minute",
        CLIENT_LABELS,
        false,
        0.001),
    BUFFER_AVAILABLE(
        "producer-metrics",
        "buffer-available-bytes",
        "pabal.kafka.buffer.available.bytes",
        "Memory that the producer has left",
        CLIENT_LABELS,
        false,
        1);

    private final String group;
    private final String kafkaName;
    private final String name;
    private final String doc;

    @SuppressWarnings("ImmutableEnumChecker") // List.of is
    private final List<String> labels;

    private final boolean monotonic;
    private final double factor;

    Picked(
        String group,
        String kafkaName,
        String name,
        String doc,
        List<String> labels,
        boolean monotonic,
        double factor) {
      this.group = group;
      this.kafkaName = kafkaName;
      this.name = name;
      this.doc = doc;
      this.labels = labels;
      this.monotonic = monotonic;
      this.factor = factor;
    }

    boolean matches(MetricName metric) {
      return metric.group().equals(group) && metric.name().equals(kafkaName);
    }
  }

  private KafkaClientMeters() {}

  /**
   * Binds the metrics of a client under the name {@code client}.
   *
   * @param figures returns the client's {@code metrics()}; called at each reading, so that a client
   *     may be replaced
   */
  public static void bind(
      Meters meters, String client, Supplier<Map<MetricName, ? extends Metric>> figures) {
    bind(meters, figures, metric -> client);
  }

  /**
   * Binds the metrics of several clients.
   *
   * @param clientOf the name of the client that a metric belongs to; empty to leave the metric out
   */
  public static void bind(
      Meters meters,
      Supplier<Map<MetricName, ? extends Metric>> figures,
      Function<MetricName, String> clientOf) {
    for (Picked picked : Picked.values()) {
      meters.family(
          picked.name,
          picked.doc,
          new SampleFamily(
              picked.labels, picked.monotonic, () -> samples(picked, figures.get(), clientOf)));
    }
  }

  /** The value of one metric; NaN when the client has no metric of that name. */
  public static double figure(
      Map<MetricName, ? extends Metric> figures, String group, String name) {
    return figures.entrySet().stream()
        .filter(each -> each.getKey().group().equals(group) && each.getKey().name().equals(name))
        .mapToDouble(each -> value(each.getValue()))
        .findFirst()
        .orElse(Double.NaN);
  }

  /** The sum of a figure over all clients in {@code figures}; 0 when there is none of that name. */
  public static double sum(Map<MetricName, ? extends Metric> figures, String group, String name) {
    return figures.entrySet().stream()
        .filter(each -> each.getKey().group().equals(group) && each.getKey().name().equals(name))
        .mapToDouble(each -> value(each.getValue()))
        .filter(value -> !Double.isNaN(value))
        .sum();
  }

  /** Of how many partitions a consumer knows how far it is from the end. */
  public static long knownLags(Map<MetricName, ? extends Metric> figures) {
    return figures.entrySet().stream()
        .filter(each -> Picked.LAG.matches(each.getKey()))
        .filter(each -> !Double.isNaN(value(each.getValue())))
        .count();
  }

  private static List<Sample> samples(
      Picked picked,
      Map<MetricName, ? extends Metric> figures,
      Function<MetricName, String> clientOf) {
    Set<String> shadows = shadows(figures.keySet());
    List<Sample> samples = new ArrayList<>();
    figures.forEach(
        (name, metric) -> {
          double value = value(metric);
          String topic = name.tags().getOrDefault("topic", "");
          if (!picked.matches(name) || Double.isNaN(value) || shadows.contains(topic)) {
            return;
          }
          String client = clientOf.apply(name);
          if (!client.isEmpty()) {
            List<String> labels =
                picked.labels.equals(PARTITION_LABELS)
                    ? List.of(client, topic, name.tags().getOrDefault("partition", ""))
                    : List.of(client);
            samples.add(new Sample(labels, value * picked.factor));
          }
        });
    return samples;
  }

  /** Kafka reports a topic with periods a second time under a name with underscores. */
  private static Set<String> shadows(Set<MetricName> names) {
    return names.stream()
        .map(name -> name.tags().getOrDefault("topic", ""))
        .filter(topic -> topic.indexOf('.') >= 0)
        .map(topic -> topic.replace('.', '_'))
        .collect(Collectors.toSet());
  }

  private static double value(Metric metric) {
    return metric.metricValue() instanceof Number number ? number.doubleValue() : Double.NaN;
  }
}
