// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.judge;

import io.pabal.chaos.history.Event;
import io.pabal.chaos.history.History;
import io.pabal.chaos.plan.FaultKind;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Judges a history, as a pure function of the history, in two passes. The first pass collects the
 * events that clients cannot see. The second pass replays the events of each client.
 */
public final class Judge {

  private final Findings findings = new Findings();
  private final MessagesOfRun messages = new MessagesOfRun();
  private final Gaps gaps = new Gaps();
  private final Flushes flushes = new Flushes();
  private final Map<FaultKind, Integer> faults = new EnumMap<>(FaultKind.class);
  private final PublisherTrial publishers = new PublisherTrial(messages, findings);
  private final Map<String, SessionTrial> sessions = new TreeMap<>();
  private Event.@Nullable RunStarted run;
  private long exits;

  private Judge() {}

  /**
   * The verdict on {@code history}.
   *
   * @throws IOException when the history cannot be read
   * @throws IllegalArgumentException when the history is invalid: it has no run-started event, or a
   *     client got a CONNACK without a CONNECT
   */
  public static Verdict judge(History history) throws IOException {
    return new Judge().verdict(history);
  }

  private Verdict verdict(History history) throws IOException {
    history.forEach(this::collect);
    Event.RunStarted started = run;
    if (started == null) {
      throw new IllegalArgumentException(
          "history: no run-started event (expected: one). It is not that of a run.");
    }
    messages.index(findings);
    history.forEach(this::replay);
    publishers.judge();
    sessions.values().forEach(SessionTrial::judge);
    return new Verdict(
        new RunFigures(
            started.seed(),
            started.minutes(),
            faults,
            publishers.acknowledged,
            findings.delivered,
            findings.duplicates,
            findings.excused,
            findings.told,
            gaps.reported(),
            gaps.unneeded(),
            exits,
            findings.longestPauseMillis,
            findings.counts),
        findings.longestPause,
        findings.violations);
  }

  private void collect(Event event) {
    switch (event) {
      case Event.RunStarted started -> run = started;
      case Event.FaultBegun fault -> {
        faults.merge(fault.kind(), 1, Integer::sum);
        flushes.begun(fault);
      }
      case Event.FaultOver fault -> flushes.over(fault);
      case Event.PartExited exit -> exits++;
      case Event.Appended message -> messages.add(message);
      case Event.Gap gap -> gaps.add(gap);
      default -> {}
    }
  }

  private void replay(Event event) {
    switch (event) {
      case Event.Published it -> publishers.published(it);
      case Event.Acknowledged it -> publishers.acknowledged(it);
      case Event.Connecting it -> session(it.client()).connecting(it);
      case Event.Connected it -> session(it.client()).connected(it);
      case Event.Disconnected it -> session(it.client()).disconnected(it);
      case Event.Subscribing it ->
          session(it.client()).subscription(it.address()).subscribing(it.connection());
      case Event.Subscribed it ->
          session(it.client()).subscription(it.address()).subscribed(it.atMillis());
      case Event.Unsubscribing it -> session(it.client()).subscription(it.address()).leaving();
      case Event.Arrived it -> session(it.client()).arrived(it);
      default -> {}
    }
  }

  private SessionTrial session(String client) {
    return sessions.computeIfAbsent(
        client, name -> new SessionTrial(name, messages, gaps, flushes, findings));
  }
}
