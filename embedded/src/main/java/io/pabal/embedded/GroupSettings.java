// SPDX-License-Identifier: Apache-2.0
package io.pabal.embedded;

import java.util.Map;

/** How soon the consumer groups of an embedded Kafka notice members that join or die. */
public enum GroupSettings {
  /** Within seconds, down to session timeouts of one second. */
  QUICK(
      Map.ofEntries(
          Map.entry("group.initial.rebalance.delay.ms", "0"),
          Map.entry("group.min.session.timeout.ms", "1000"),
          Map.entry("group.consumer.min.session.timeout.ms", "1000"),
          Map.entry("group.consumer.min.heartbeat.interval.ms", "100"),
          Map.entry("group.streams.initial.rebalance.delay.ms", "0"),
          Map.entry("group.streams.min.session.timeout.ms", "1000"),
          Map.entry("group.streams.session.timeout.ms", "6000"),
          Map.entry("group.streams.min.heartbeat.interval.ms", "100"),
          Map.entry("group.streams.heartbeat.interval.ms", "1000"))),
  /** Kafka's defaults. */
  STOCK(Map.of());

  @SuppressWarnings("ImmutableEnumChecker") // an immutable map
  private final Map<String, String> settings;

  GroupSettings(Map<String, String> settings) {
    this.settings = settings;
  }

  /** The settings for the broker. */
  Map<String, String> settings() {
    return settings;
  }
}
