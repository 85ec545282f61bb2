// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.judge;

import io.pabal.chaos.plan.FaultKind;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The figures of a run.
 *
 * @param seed the seed from which faults and clients were drawn
 * @param minutes the duration of the traffic
 * @param faults the number of faults of each kind
 * @param acknowledged PUBLISH packets that were acknowledged
 * @param delivered messages that arrived, counted once per client
 * @param duplicates arrivals of messages that the client had got before
 * @param excused messages that a client did not get, but that a reported gap covers, or that were
 *     for a session that ended for an accepted reason, such as a flush of Redis
 * @param told reconnects with session present = 0 that have an accepted reason: the client was told
 *     that its session is gone
 * @param gaps reported gaps
 * @param gapsUnneeded reported gaps that cover no missing message
 * @param exits parts that ended by themselves
 * @param longestPauseMillis the longest time that a client was connected between the append of a
 *     message and its first arrival
 * @param violations the number of violations of each kind; kinds without a violation are absent
 */
public record RunFigures(
    long seed,
    double minutes,
    Map<FaultKind, Integer> faults,
    long acknowledged,
    long delivered,
    long duplicates,
    long excused,
    long told,
    long gaps,
    long gapsUnneeded,
    long exits,
    long longestPauseMillis,
    Map<Violation.Kind, Integer> violations) {

  /** Whether no promise was broken. */
  public boolean ok() {
    return violations.isEmpty();
  }

  /** The figures in one line. */
  public String line() {
    String kinds =
        faults.entrySet().stream()
            .map(each -> each.getKey().label() + "=" + each.getValue())
            .collect(Collectors.joining(" "));
    String broken =
        violations.entrySet().stream()
            .filter(each -> each.getKey() != Violation.Kind.LOST)
            .filter(each -> each.getKey() != Violation.Kind.REORDERED)
            .map(each -> " " + each.getKey().label() + "=" + each.getValue())
            .collect(Collectors.joining());
    return String.format(
            Locale.ROOT,
            "seed=%d minutes=%.1f faults=%d (%s) acknowledged=%d delivered=%d duplicates=%d",
            seed,
            minutes,
            faults.values().stream().mapToInt(Integer::intValue).sum(),
            kinds,
            acknowledged,
            delivered,
            duplicates)
        + String.format(
            Locale.ROOT,
            " excused=%d told=%d gaps=%d gapsUnneeded=%d exits=%d longestPauseMillis=%d",
            excused,
            told,
            gaps,
            gapsUnneeded,
            exits,
            longestPauseMillis)
        + String.format(
            Locale.ROOT,
            " lost=%d reordered=%d%s verdict=%s",
            count(Violation.Kind.LOST),
            count(Violation.Kind.REORDERED),
            broken,
            ok() ? "ok" : "violated");
  }

  private int count(Violation.Kind kind) {
    return violations.getOrDefault(kind, 0);
  }
}
