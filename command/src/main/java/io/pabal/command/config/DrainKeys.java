// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.config;

import io.pabal.command.config.setting.AddressTypes;
import io.pabal.command.config.setting.Key;
import io.pabal.command.config.setting.Settings;
import io.pabal.command.config.setting.ValueType;
import io.pabal.connector.ConnectorConfig.Drain;
import java.time.Duration;
import java.util.List;

/** The keys of draining: how a connector that stops sends its sessions to other connectors. */
final class DrainKeys {

  private static final Drain DEFAULTS = Drain.defaults();

  static final Key<Integer> SESSIONS_PER_SECOND =
      Key.of(
          "drain.sessionsPerSecond",
          ValueType.integer(0, 1_000_000),
          DEFAULTS.sessionsPerSecond(),
          "How many sessions are sent to other connectors a second at least when this one stops; more if drain.timeoutSeconds would not suffice; 0: all at once.");

  static final Key<Duration> TIMEOUT =
      Key.of(
          "drain.timeoutSeconds",
          ValueType.seconds(0, 86_400),
          DEFAULTS.timeout(),
          "How long that may take; the sessions that are left then are sent away at once.");

  static final Key<Boolean> PERMANENT =
      Key.of(
          "drain.permanent",
          ValueType.BOOLEAN,
          DEFAULTS.permanent(),
          "Whether clients are told to forget this connector's address (0x9D instead of 0x9C), for one that never comes back.");

  static final Key<String> SERVER_REFERENCE =
      Key.optional(
          "drain.serverReference",
          AddressTypes.SERVER_REFERENCES,
          "mqtt.example.com:1883",
          "Where MQTT 5 clients are told to go; not set: to the other connectors that are up, in turn.");

  static final List<Key<?>> ALL =
      List.of(SESSIONS_PER_SECOND, TIMEOUT, PERMANENT, SERVER_REFERENCE);

  private DrainKeys() {}

  static Drain drain(Settings settings) {
    return new Drain(
        settings.get(SESSIONS_PER_SECOND),
        settings.get(TIMEOUT),
        settings.get(PERMANENT),
        settings.find(SERVER_REFERENCE).orElse(null));
  }
}
