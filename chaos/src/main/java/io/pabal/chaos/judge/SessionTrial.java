// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.judge;

import io.pabal.chaos.history.Event.Appended;
import io.pabal.chaos.history.Event.Arrived;
import io.pabal.chaos.history.Event.Connected;
import io.pabal.chaos.history.Event.Connecting;
import io.pabal.chaos.history.Event.Disconnected;
import io.pabal.chaos.history.Packet;
import java.util.HashMap;
import java.util.Map;

/**
 * Checks the promises to one client: its session is present when it reconnects, and the messages of
 * its subscriptions reach it.
 *
 * <p>A session may be gone for two reasons only:
 *
 * <ul>
 *   <li>Redis was flushed after the last moment at which the server certainly had the session: the
 *       CONNECT of the last accepted connection.
 *   <li>The client sent a CONNECT with Clean Start that was not answered. Such a CONNECT may take
 *       effect late, when a paused connector continues, and takes effect at most once.
 * </ul>
 *
 * <p>A session may be present only if the client sent an earlier CONNECT, answered or not, and the
 * current CONNECT has no Clean Start.
 */
final class SessionTrial {

  private static final long NEVER = Long.MIN_VALUE;

  private final String client;
  private final MessagesOfRun messages;
  private final Gaps gaps;
  private final Flushes flushes;
  private final Findings findings;

  private final Map<String, SubscriptionTrial> subscriptions = new HashMap<>();
  private final Map<Integer, Connecting> attempts = new HashMap<>();
  private final ConnectedTime connectedTime = new ConnectedTime();
  private long acceptedMillis = NEVER;
  private int connection;
  private int sessionSince;
  private int cleanStartsUnanswered;

  SessionTrial(
      String client, MessagesOfRun messages, Gaps gaps, Flushes flushes, Findings findings) {
    this.client = client;
    this.messages = messages;
    this.gaps = gaps;
    this.flushes = flushes;
    this.findings = findings;
  }

  SubscriptionTrial subscription(String address) {
    return subscriptions.computeIfAbsent(
        address, name -> new SubscriptionTrial(client, messages.log(name), gaps, findings));
  }

  void connecting(Connecting event) {
    attempts.put(event.connection(), event);
    if (event.cleanStart()) {
      cleanStartsUnanswered++;
      subscriptions.values().forEach(SubscriptionTrial::leaving);
    }
  }

  void connected(Connected event) {
    Connecting attempt = attempts.get(event.connection());
    if (attempt == null) {
      throw new IllegalArgumentException(
          "connection %d of %s was accepted and never asked for"
              .formatted(event.connection(), client));
    }
    if (attempt.cleanStart()) {
      cleanStartsUnanswered--;
    }
    if (event.sessionPresent()) {
      present(event, attempt);
    } else {
      absent(event, attempt);
    }
    acceptedMillis = attempt.atMillis();
    connection = event.connection();
    connectedTime.connected(event.atMillis());
  }

  void disconnected(Disconnected event) {
    if (event.connection() == connection) {
      connectedTime.disconnected(event.atMillis());
    }
  }

  void arrived(Arrived event) {
    MessagesOfRun.Place place =
        event.packet().equals(Packet.UNKNOWN) ? null : messages.find(event.packet());
    if (place == null || !place.log().address.equals(event.address())) {
      findings.violated(Violation.Kind.ARRIVED_NOT_STORED, event.atMillis(), describe(event));
      return;
    }
    Appended stored = place.log().get(place.index());
    if (event.position() != null && !event.position().equals(stored.position())) {
      findings.violated(
          Violation.Kind.POSITION_DIFFERS,
          event.atMillis(),
          describe(event) + ", stored at " + stored.position());
    }
    SubscriptionTrial subscription = subscription(event.address());
    if (!subscription.isWanted() && event.connection() >= sessionSince) {
      findings.violated(Violation.Kind.NOT_SUBSCRIBED, event.atMillis(), describe(event));
    }
    if (subscription.arrived(event, place.index())) {
      paused(connectedTime.between(stored.atMillis(), event.atMillis()), stored, event);
    }
  }

  /** Checks the subscriptions. Must be called after all events. */
  void judge() {
    subscriptions.values().forEach(SubscriptionTrial::judge);
  }

  private void paused(long millis, Appended stored, Arrived event) {
    if (millis > findings.longestPauseMillis) {
      findings.longestPauseMillis = millis;
      findings.longestPause =
          "%d ms; %s, appended at %d, arrived at %d"
              .formatted(millis, describe(event), stored.atMillis(), event.atMillis());
    }
  }

  private void present(Connected event, Connecting attempt) {
    if (attempt.cleanStart() || attempts.size() == 1) {
      findings.violated(
          Violation.Kind.SESSION_NOT_ENDED,
          event.atMillis(),
          "%s on connection %d to %s, %s"
              .formatted(
                  client,
                  event.connection(),
                  attempt.connector(),
                  attempt.cleanStart() ? "clean start" : "its first"));
    }
  }

  private void absent(Connected event, Connecting attempt) {
    sessionSince = event.connection();
    boolean expected = attempt.cleanStart() || acceptedMillis == NEVER;
    boolean excused = expected || mayBeForgotten(event);
    subscriptions.values().forEach(each -> each.forgotten(event.atMillis(), excused));
    if (expected) {
      return;
    }
    if (excused) {
      findings.told++;
    } else {
      findings.violated(
          Violation.Kind.SESSION_FORGOTTEN,
          event.atMillis(),
          "%s on connection %d to %s; accepted before by the CONNECT of %d"
              .formatted(client, event.connection(), attempt.connector(), acceptedMillis));
    }
  }

  private boolean mayBeForgotten(Connected event) {
    if (flushes.between(acceptedMillis, event.atMillis())) {
      return true;
    }
    if (cleanStartsUnanswered > 0) {
      cleanStartsUnanswered--;
      return true;
    }
    return false;
  }

  private String describe(Arrived event) {
    return "packet %s of %s at %s for %s on connection %d"
        .formatted(event.packet(), event.address(), event.position(), client, event.connection());
  }
}
