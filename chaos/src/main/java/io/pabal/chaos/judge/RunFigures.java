// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.judge;

import io.pabal.chaos.plan.FaultKind;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A run in numbers.
 *
 * @param seed what the faults were drawn from
 * @param minutes how long there was traffic
 * @param faults how many of each kind
 * @param acknowledged PUBLISH packets that were acknowledged
 * @param delivered messages that arrived, counted once per session
 * @param duplicates arrivals of what the session had got before
 * @param excused messages that a session did not get, and that a reported gap covers or that were
 *     for a session which Redis was made to forget
 * @param told sessions that were told, by session present = 0, that they had been forgotten
 * @param gaps gaps reported
 * @param gapsUnneeded gaps reported that cover nothing that is missing
 * @param exits parts that ended by themselves
 * @param longestPauseMillis the longest time that a session was connected between the append of a
 *     message and its first arrival
 * @param violations how many of each kind
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

  /** All of it in one line. */
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
