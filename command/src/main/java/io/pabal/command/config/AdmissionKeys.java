// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.config;

import io.pabal.command.config.setting.Key;
import io.pabal.command.config.setting.Problems;
import io.pabal.command.config.setting.Settings;
import io.pabal.command.config.setting.ValueType;
import io.pabal.connector.ConnectorConfig.Admission;
import io.pabal.connector.ConnectorConfig.InFlight;
import java.time.Duration;
import java.util.List;

/** The keys of admission: how many sessions may connect at a time. */
final class AdmissionKeys {

  private static final Admission DEFAULTS = Admission.defaults();

  static final Key<Integer> RESUMES_IN_FLIGHT_MIN =
      Key.of(
          "admission.resumesInFlightMin",
          ValueType.integer(1, 1_000_000),
          DEFAULTS.inFlight().min(),
          "Sessions that may be on their way in, however slow claims, activations and event loops are.");

  static final Key<Integer> RESUMES_IN_FLIGHT_MAX =
      Key.of(
          "admission.resumesInFlightMax",
          ValueType.integer(1, 1_000_000),
          DEFAULTS.inFlight().max(),
          "Sessions that may be on their way in, however quick these are; the others wait, or are refused for now (0x88).");

  static final Key<Integer> DELAY_ALLOWANCE =
      Key.of(
          "admission.delayAllowanceMillis",
          ValueType.integer(1, 10_000),
          (int) DEFAULTS.inFlight().delayAllowance().toMillis(),
          "How much longer than twice its undisturbed time each of these may take before fewer sessions are let in.");

  static final Key<Integer> RESUMES_PER_SECOND_MAX =
      Key.of(
          "admission.resumesPerSecondMax",
          ValueType.integer(0, 1_000_000),
          DEFAULTS.resumesPerSecondMax(),
          "Sessions that may come, or come back, a second; the others wait, or are refused for now (0x97); 0: no limit.");

  static final Key<Integer> WAIT =
      Key.of(
          "admission.waitMillis",
          ValueType.integer(0, 30_000),
          (int) DEFAULTS.waitMax().toMillis(),
          "How long a CONNECT may wait for its turn before it is refused, less than clients wait for their CONNACK; 0: refused at once.");

  static final List<Key<?>> ALL =
      List.of(
          RESUMES_IN_FLIGHT_MIN,
          RESUMES_IN_FLIGHT_MAX,
          DELAY_ALLOWANCE,
          RESUMES_PER_SECOND_MAX,
          WAIT);

  private AdmissionKeys() {}

  /** Refuses a least limit that is above the greatest one. */
  static void check(Settings settings, Problems problems) {
    int min = settings.get(RESUMES_IN_FLIGHT_MIN);
    int max = settings.get(RESUMES_IN_FLIGHT_MAX);
    if (min > max) {
      problems.add(
          RESUMES_IN_FLIGHT_MIN,
          settings.place(RESUMES_IN_FLIGHT_MIN),
          Integer.toString(min),
          "at most %d, which is %s".formatted(max, RESUMES_IN_FLIGHT_MAX.name()));
    }
  }

  static Admission admission(Settings settings) {
    int min = settings.get(RESUMES_IN_FLIGHT_MIN);
    int max = settings.get(RESUMES_IN_FLIGHT_MAX);
    return new Admission(
        new InFlight(min, max, Duration.ofMillis(settings.get(DELAY_ALLOWANCE))),
        settings.get(RESUMES_PER_SECOND_MAX),
        Duration.ofMillis(settings.get(WAIT)));
  }
}
