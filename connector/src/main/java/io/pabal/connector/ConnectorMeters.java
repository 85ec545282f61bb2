// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetric;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.pabal.telemetry.Meters;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToDoubleFunction;

/** Registers the counters of {@link ConnectorMetrics} as meters, and gives them their names. */
final class ConnectorMeters {

  private static final String BUFFER_BYTES = "pabal.buffer.bytes";

  private ConnectorMeters() {}

  static void bind(Meters meters, ConnectorMetrics metrics) {
    clients(meters, metrics);
    messages(meters, metrics);
    catchUp(meters, metrics);
  }

  private static void clients(Meters meters, ConnectorMetrics metrics) {
    meters.counter("pabal.connector.connects", "CONNECTs that got a session", metrics.connects);
    turnedAway(meters, "rate", metrics.connectsOverRate);
    turnedAway(meters, "in-flight", metrics.connectsOverInFlight);
    turnedAway(meters, "backlog", metrics.connectsOverBacklog);
    turnedAway(meters, "draining", metrics.connectsRedirected);
    meters.counter(
        "pabal.connector.unconnected.closed",
        "Connections closed because too many had not sent CONNECT",
        metrics.unconnectedClosed);
    meters.counter(
        "pabal.connector.refusals",
        "Connections refused or closed, by what the client was told",
        metrics.refusals);
    meters.counter(
        "pabal.connector.disconnects",
        "Sessions whose network connection ended, by why",
        metrics.disconnects);
    meters.counter(
        "pabal.connector.takeovers", "Sessions that another claim took", metrics.takeovers);
    meters.counter(
        "pabal.connector.handovers",
        "Sessions that another connector released in time for a claim, with its newest cursors",
        metrics.sessionsHandedOver);
    meters.counter(
        "pabal.connector.handovers.missed",
        "Sessions that another connector did not release in time for a claim",
        metrics.sessionsNotHandedOver);
    meters.counter(
        "pabal.connector.sessions.drained",
        "Sessions sent elsewhere because the connector leaves",
        metrics.sessionsDrained);
    meters.counter(
        "pabal.connector.sessions.restored",
        "Live sessions written to Redis again after it had lost them",
        metrics.sessionsRestored);
    meters.delays(
        "pabal.connector.resume.seconds",
        "Time from the admission of a CONNECT until what the session missed is on its way, or 10 s",
        metrics.resumeDelay);
  }

  private static void turnedAway(Meters meters, String reason, LongAdder counted) {
    meters
        .with("reason", reason)
        .counter(
            "pabal.connector.connects.turned.away",
            "CONNECTs answered with: not now, or not here",
            counted);
  }

  private static void messages(Meters meters, ConnectorMetrics metrics) {
    meters.counter(
        "pabal.connector.publishes", "PUBLISH packets handed to Kafka", metrics.publishes);
    meters.counter(
        "pabal.connector.append.failures",
        "Messages that Kafka did not take in time",
        metrics.appendsFailed);
    meters.counter(
        "pabal.connector.append.refusals",
        "Messages refused because messages does not take them; only their publisher is told",
        metrics.appendsRefused);
    meters.counter(
        "pabal.connector.ingress.pauses",
        "Times that reading from publishing sockets was paused",
        metrics.ingressPauses);
    meters.delays(
        "pabal.connector.append.seconds",
        "Time until Kafka had a message, or failed to take it",
        metrics.appendDelay);
    meters.counter(
        "pabal.connector.deliveries",
        "Messages read from the connector's deliveries topic",
        metrics.deliveries);
    meters.counter(
        "pabal.connector.deliveries.repeated",
        "Of these, dropped because their position was seen before",
        metrics.deliveriesRepeated);
    meters.counter(
        "pabal.connector.deliveries.pending",
        "Of these, left to the timeline because their schema was not known yet",
        metrics.deliveriesPending);
    meters.counter(
        "pabal.connector.deliveries.stale",
        "Of these, dropped because their activation is over",
        metrics.deliveriesStale);
    meters.counter(
        "pabal.connector.malformed", "Records that could not be decoded", metrics.malformed);
    meters.delays(
        "pabal.connector.delivery.seconds",
        "Time from publishing a live message to flushing the sockets of an event loop",
        metrics.deliveryDelay);
    meters.counter(
        "pabal.connector.traces.over.rate",
        "Messages and deliveries not traced because too many came within a second",
        metrics.tracesOverRate);
    meters.counter("pabal.connector.sent", "PUBLISH packets written to sockets", metrics.sent);
    meters.counter(
        "pabal.connector.resent",
        "PUBLISH packets written again because their connection had ended before the PUBACK",
        metrics.resent);
    meters.counter(
        "pabal.connector.repeated",
        "PUBLISH packets written once more because an operator wanted it",
        metrics.repeated);
    meters.counter(
        "pabal.connector.qos0.dropped",
        "QoS 0 messages not written because too much waited for the socket",
        metrics.qos0Dropped);
    meters.counter(
        "pabal.connector.unwanted",
        "Messages of a feed that matched no subscription of a session, for each such session",
        metrics.unwanted);
    meters.counter(
        "pabal.connector.unsendable",
        "Messages skipped for all sessions because they cannot be sent as valid MQTT",
        metrics.unsendable);
    meters.counter(
        "pabal.connector.too.large",
        "Messages larger than the client takes",
        metrics.tooLargeForClient);
  }

  private static void catchUp(Meters meters, ConnectorMetrics metrics) {
    meters.gauge(
        "pabal.connector.sessions.behind",
        "Sessions that read on from the timeline",
        metrics.sessionsBehind::sum);
    meters.counter(
        "pabal.connector.fell.behind", "Times that a subscription fell behind", metrics.behind);
    meters.counter(
        "pabal.connector.catch.up.pages", "Pages asked of timelines", metrics.catchUpReads);
    meters.counter(
        "pabal.connector.catch.up.pages.shared",
        "Pages taken from a read that another session had started",
        metrics.catchUpReadsShared);
    meters.counter(
        "pabal.connector.ring.deliveries",
        "Deliveries from memory that sessions continued with which were behind",
        metrics.catchUpRecent);
    meters.delays(
        "pabal.connector.catch.up.page.seconds",
        "Time to read a page of a timeline",
        metrics.catchUpPageDelay);
    meters.counter("pabal.connector.history.pages", "Pages asked of Kafka", metrics.historyReads);
    meters.counter(
        "pabal.connector.history.records",
        "Records looked through for these",
        metrics.historyRecordsScanned);
    meters.delays(
        "pabal.connector.history.page.seconds",
        "Time to read a page from Kafka",
        metrics.historyPageDelay);
    meters.counter(
        "pabal.connector.gaps",
        "Ranges that Kafka no longer had either, once per session and range",
        metrics.gaps);
  }

  /** Binds the memory of Netty's allocator, once for all connectors of the process. */
  static void bindBuffers(MeterRegistry registry) {
    if (registry.find(BUFFER_BYTES).gauge() == null
        && ByteBufAllocator.DEFAULT instanceof ByteBufAllocatorMetricProvider provider) {
      ByteBufAllocatorMetric metric = provider.metric();
      buffers(registry, "direct", metric, ByteBufAllocatorMetric::usedDirectMemory);
      buffers(registry, "heap", metric, ByteBufAllocatorMetric::usedHeapMemory);
    }
  }

  private static void buffers(
      MeterRegistry registry,
      String kind,
      ByteBufAllocatorMetric metric,
      ToDoubleFunction<ByteBufAllocatorMetric> bytes) {
    Gauge.builder(BUFFER_BYTES, metric, bytes)
        .description("Memory that Netty's allocator holds for socket buffers")
        .tag("kind", kind)
        .strongReference(true)
        .register(registry);
  }
}
