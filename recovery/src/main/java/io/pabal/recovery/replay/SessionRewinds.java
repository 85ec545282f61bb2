// SPDX-License-Identifier: Apache-2.0
package io.pabal.recovery.replay;

import io.pabal.recovery.Pace;
import io.pabal.recovery.RecoveryException;
import io.pabal.recovery.replay.ReplayedFeeds.Range;
import io.pabal.sessioncache.session.Owner;
import io.pabal.sessioncache.session.SessionDirectory;
import io.pabal.sessioncache.session.StoredFeed;
import io.pabal.sessioncache.session.StoredSession;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.function.Predicate;

/**
 * The second half of a forced replay: examines every stored session, after the rewinds of live
 * sessions have been requested from the router.
 *
 * <p><b>Each session is rewound in one of three ways.</b> A live session that was claimed before
 * the replay began is rewound by the router's request. A live session that was claimed later is
 * rewound by a record in the deliveries topic of its connector. The cursors of a session that is
 * away are set back here, unless it is claimed at that moment. The cursors come last: a session
 * that leaves during the replay may get the range twice, but never misses it.
 *
 * <p>Walks in small steps, with one Redis command under way. For one thread; blocks.
 */
final class SessionRewinds {

  private static final int ATTEMPTS_MAX = 5;
  private static final int QOS_MASK = 3;

  private final SessionDirectory directory;
  private final LiveSessions liveSessions;
  private final ReplayedFeeds feeds;
  private final Predicate<Owner> running;
  private final ReplayPlan plan;
  private final ReplayPlan.Force force;
  private final Pace pace;
  private long live;
  private long liveMessages;
  private long away;
  private long awayMessages;

  /**
   * Rewinds of the ranges in {@code feeds}.
   *
   * @param running whether the connector that owns a session may still run
   */
  SessionRewinds(
      SessionDirectory directory,
      LiveSessions liveSessions,
      ReplayedFeeds feeds,
      Predicate<Owner> running,
      ReplayPlan plan,
      ReplayPlan.Force force,
      Pace pace) {
    this.directory = directory;
    this.liveSessions = liveSessions;
    this.feeds = feeds;
    this.running = running;
    this.plan = plan;
    this.force = force;
    this.pace = pace;
  }

  /**
   * Rewinds all sessions, or the one that the plan names.
   *
   * @param progress receives 1 for each session examined
   */
  RewindReport run(LongConsumer progress) throws InterruptedException {
    if (force.isForAll()) {
      directory.walk(
          "",
          session -> {
            progress.accept(1);
            return takeUnlessInterrupted(session);
          });
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    } else {
      Optional<StoredSession> one = directory.find(force.clientId());
      if (one.isPresent()) {
        take(one.get());
      }
    }
    if (!plan.dryRun()) {
      liveSessions.flush();
    }
    return new RewindReport(live, liveMessages, away, awayMessages);
  }

  private boolean takeUnlessInterrupted(StoredSession session) {
    try {
      take(session);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void take(StoredSession found) throws InterruptedException {
    StoredSession session = found;
    for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      Map<String, Range> had = had(session);
      if (had.isEmpty() || isDone(session, had)) {
        return;
      }
      Optional<StoredSession> again = directory.find(session.clientId());
      if (again.isEmpty()) {
        return;
      }
      session = again.get(); // the session was claimed or released meanwhile
    }
    throw new RecoveryException(
        "session %s: is claimed again and again (expected: once in a while). Run the same line again."
            .formatted(session.clientId()));
  }

  private boolean isDone(StoredSession session, Map<String, Range> had)
      throws InterruptedException {
    long messages = had.values().stream().mapToLong(Range::messages).sum();
    Owner owner = session.owner();
    if (owner != null && running.test(owner)) {
      if (plan.connectorId().isEmpty() || plan.connectorId().equals(owner.connectorId())) {
        rewind(session, owner, had);
        live++;
        liveMessages += messages;
        spend(messages);
      }
      return true;
    }
    if (!plan.connectorId().isEmpty()) {
      return true;
    }
    if (!plan.dryRun() && !directory.setBack(session, cursors(had))) {
      return false;
    }
    away++;
    awayMessages += messages;
    spend(messages);
    return true;
  }

  private void rewind(StoredSession session, Owner owner, Map<String, Range> had) {
    boolean toldByRouter = force.isForAll() && session.epoch() <= force.epoch();
    if (!plan.dryRun() && !toldByRouter) {
      had.forEach(
          (feed, range) ->
              liveSessions.rewind(owner.connectorId(), session.clientId(), feed, range));
    }
  }

  private void spend(long messages) throws InterruptedException {
    if (!plan.dryRun()) {
      pace.spend(messages);
    }
  }

  /** The ranges of which the session has acknowledged at least the first message. */
  private Map<String, Range> had(StoredSession session) {
    Map<String, Range> had = new LinkedHashMap<>();
    for (StoredFeed each : session.feeds()) {
      Range range = feeds.find(each.name());
      boolean atMostOnce =
          each.subscriptions().stream().allMatch(one -> (one.options() & QOS_MASK) == 0);
      if (range != null && !atMostOnce && each.cursor() >= range.first()) {
        had.put(each.name(), range);
      }
    }
    return had;
  }

  private static Map<String, Long> cursors(Map<String, Range> had) {
    Map<String, Long> cursors = new LinkedHashMap<>();
    had.forEach((feed, range) -> cursors.put(feed, range.first() - 1));
    return cursors;
  }
}
