// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.metrics;

import io.pabal.telemetry.DelayHistogram;
import io.pabal.telemetry.Meters;
import io.pabal.telemetry.Outcome;
import java.util.concurrent.atomic.LongAdder;

/**
 * The counters of one router since its start. Counters only increase. Safe for use by many threads.
 */
public final class RouterMetrics {

  public final LongAdder routed = new LongAdder();
  public final LongAdder deliveries = new LongAdder();
  public final LongAdder activations = new LongAdder();
  public final LongAdder unrouted = new LongAdder();
  public final LongAdder oversized = new LongAdder();
  public final LongAdder skippedTopicGone = new LongAdder();
  public final LongAdder refused = new LongAdder();
  public final LongAdder malformed = new LongAdder();
  public final LongAdder deadLocationsRemoved = new LongAdder();
  public final LongAdder threadsReplaced = new LongAdder();
  public final DelayHistogram delays = new DelayHistogram();

  /** Records passed to producers. */
  public final LongAdder recordsSent = new LongAdder();

  /** Records passed to producers whose result is known: Kafka wrote them, or they failed. */
  public final LongAdder recordsAnswered = new LongAdder();

  /** Whether Kafka accepted the latest record, or the reason why not. */
  public final Outcome produced = new Outcome();

  public RouterMetrics() {}

  /** Messages looked up in the location table, with any result. */
  public long routed() {
    return routed.sum();
  }

  /** Records forwarded to connectors: one per message and connector. */
  public long deliveries() {
    return deliveries.sum();
  }

  /** Activations sent: answers to locations and checks, and announcements. */
  public long activations() {
    return activations.sum();
  }

  /** Messages of prefixes of which no connector has live sessions. */
  public long unrouted() {
    return unrouted.sum();
  }

  /**
   * Messages too large to forward, one per message and connector; they are announced, so that the
   * connector reads them from the timeline.
   */
  public long oversized() {
    return oversized.sum();
  }

  /** Records not sent, or given up, because the connector's topic does not exist. */
  public long skippedTopicGone() {
    return skippedTopicGone.sum();
  }

  /**
   * Records that a connector's topic refused, or that were not sent because the topic refuses all
   * records.
   */
  public long refused() {
    return refused.sum();
  }

  /** Malformed records, which were skipped. */
  public long malformed() {
    return malformed.sum();
  }

  /** Locations of dead incarnations that were removed from the table or ignored. */
  public long deadLocationsRemoved() {
    return deadLocationsRemoved.sum();
  }

  /** Stream threads that failed and were replaced. */
  public long threadsReplaced() {
    return threadsReplaced.sum();
  }

  public void bindTo(Meters meters) {
    meters.counter("pabal.router.messages", "Messages looked up, whatever became of them", routed);
    meters.counter(
        "pabal.router.deliveries", "Records forwarded, one per message and connector", deliveries);
    meters.counter("pabal.router.activations", "Answers to locations", activations);
    meters.counter("pabal.router.unrouted", "Messages that no connector wanted", unrouted);
    meters.counter(
        "pabal.router.oversized", "Messages announced because they are too large", oversized);
    meters.counter(
        "pabal.router.skipped",
        "Records not sent because the connector's topic does not exist",
        skippedTopicGone);
    meters.counter(
        "pabal.router.refused",
        "Records that a connector's topic refused or would refuse",
        refused);
    meters.counter("pabal.router.malformed", "Records that could not be understood", malformed);
    meters.counter(
        "pabal.router.dead.locations",
        "Locations of dead incarnations that were met and removed or refused",
        deadLocationsRemoved);
    meters.counter("pabal.router.threads.replaced", "Stream threads that failed", threadsReplaced);
    meters.delays(
        "pabal.router.delay.seconds", "Time from publishing a message to routing it", delays);
  }
}
