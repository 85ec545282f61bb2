// SPDX-License-Identifier: Apache-2.0
package io.pabal.embedded;

import java.util.Map;

/** How soon an embedded Kafka lets consumer groups notice that members come or die. */
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
  /** As Kafka's defaults are. */
  STOCK(Map.of());

  @SuppressWarnings("ImmutableEnumChecker") // it is one of Map.of
  private final Map<String, String> settings;

  GroupSettings(Map<String, String> settings) {
    this.settings = settings;
  }

  /** As brokers are told. */
  Map<String, String> settings() {
    return settings;
  }
}
