// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.judge;

import io.pabal.chaos.history.Event.FaultBegun;
import io.pabal.chaos.history.Event.FaultOver;
import io.pabal.chaos.plan.FaultKind;
import java.util.HashMap;
import java.util.Map;

/** The times of Redis flushes, each from before the command until after its answer. */
final class Flushes {

  private final Map<Integer, Long> begun = new HashMap<>();
  private final Map<Integer, Long> over = new HashMap<>();

  void begun(FaultBegun fault) {
    if (fault.kind() == FaultKind.FLUSH) {
      begun.put(fault.number(), fault.atMillis());
    }
  }

  void over(FaultOver fault) {
    if (begun.containsKey(fault.number())) {
      over.put(fault.number(), fault.atMillis());
    }
  }

  /** Whether Redis may have been flushed at some moment between the two times, inclusive. */
  boolean between(long fromMillis, long throughMillis) {
    return begun.entrySet().stream()
        .anyMatch(
            flush ->
                flush.getValue() <= throughMillis
                    && over.getOrDefault(flush.getKey(), Long.MAX_VALUE) >= fromMillis);
  }
}
