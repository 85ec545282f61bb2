// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.config;

import io.pabal.command.config.setting.Key;
import io.pabal.command.config.setting.Settings;
import io.pabal.command.config.setting.ValueType;
import io.pabal.connector.ConnectorConfig.Admission;
import java.time.Duration;
import java.util.List;

/** The keys of admission: how many sessions may connect at a time. */
final class AdmissionKeys {

  private static final Admission DEFAULTS = Admission.defaults();

  static final Key<Integer> RESUMES_PER_SECOND =
      Key.of(
          "admission.resumesPerSecond",
          ValueType.integer(1, 1_000_000),
          DEFAULTS.resumesPerSecond(),
          "Sessions that may come, or come back, a second; the others wait, or are refused for now (0x97).");

  static final Key<Integer> RESUMES_IN_FLIGHT =
      Key.of(
          "admission.resumesInFlight",
          ValueType.integer(1, 1_000_000),
          DEFAULTS.resumesInFlight(),
          "Sessions that may be on their way in, until they have what they missed; the others wait, or are refused for now (0x88).");

  static final Key<Integer> WAIT =
      Key.of(
          "admission.waitMillis",
          ValueType.integer(0, 30_000),
          (int) DEFAULTS.waitMax().toMillis(),
          "How long a CONNECT may wait for its turn before it is refused, less than clients wait for their CONNACK; 0: refused at once.");

  static final List<Key<?>> ALL = List.of(RESUMES_PER_SECOND, RESUMES_IN_FLIGHT, WAIT);

  private AdmissionKeys() {}

  static Admission admission(Settings settings) {
    return new Admission(
        settings.get(RESUMES_PER_SECOND),
        settings.get(RESUMES_IN_FLIGHT),
        Duration.ofMillis(settings.get(WAIT)));
  }
}
