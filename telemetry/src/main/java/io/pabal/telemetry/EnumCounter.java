// SPDX-License-Identifier: Apache-2.0
package io.pabal.telemetry;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;

/** Counts by reason: one counter for each constant of an enum. Any thread. */
public final class EnumCounter<E extends Enum<E>> {

  private final Map<E, LongAdder> counts;

  /** A counter at 0 for each constant of {@code type}. */
  public EnumCounter(Class<E> type) {
    counts = new EnumMap<>(type);
    for (E reason : type.getEnumConstants()) {
      counts.put(reason, new LongAdder());
    }
  }

  /** Adds 1 to the count of {@code reason}. */
  public void increment(E reason) {
    counter(reason).increment();
  }

  /** The count of one reason. */
  public long sum(E reason) {
    return counter(reason).sum();
  }

  /** The sum of all counts. */
  public long sum() {
    return counts.values().stream().mapToLong(LongAdder::sum).sum();
  }

  Set<E> reasons() {
    return counts.keySet();
  }

  LongAdder counter(E reason) {
    return Objects.requireNonNull(counts.get(reason));
  }

  /** The reason as a label: {@code packet-too-large}. */
  static String label(Enum<?> reason) {
    return reason.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
