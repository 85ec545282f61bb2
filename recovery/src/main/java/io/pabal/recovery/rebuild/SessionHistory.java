// SPDX-License-Identifier: Apache-2.0
package io.pabal.recovery.rebuild;

import io.pabal.schemas.SessionEvent;
import io.pabal.schemas.SessionEventKind;
import io.pabal.schemas.SubscriptionState;
import io.pabal.schemas.topic.Feeds;
import io.pabal.sessioncache.session.RebuiltSession;
import io.pabal.sessioncache.session.SessionStore;
import io.pabal.sessioncache.session.StoredFeed;
import io.pabal.sessioncache.session.StoredSubscription;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One session, reconstructed from its events in the order of the topic.
 *
 * <p>Events of one connector are in order. Events of two connectors may be reordered: the old owner
 * may report the takeover after the new owner has reported that it resumed. Each event therefore
 * counts by its epoch. An event with an epoch before the last clean start belongs to an earlier
 * session and is ignored. An event of an older claim can raise cursors, since cursors only rise,
 * but cannot remove anything.
 */
final class SessionHistory {

  /** The reason of an event that reports progress. */
  private static final String PROGRESS = "progress";

  /** The cursor, below every offset, of a subscription whose progress is not known. */
  private static final long CURSOR_MIN = -1;

  /**
   * A subscription as events report it.
   *
   * @param cursor the offset up to which it wants nothing more
   */
  private record Progress(String filter, int qos, long cursor) {}

  private final String clientId;

  /** By filter. */
  private final Map<String, Progress> subscriptions = new HashMap<>(2);

  private long begunWith = -1;
  private long epoch = -1;
  private long expirySeconds;
  private long lastMillis;
  private boolean ended;
  private boolean complete;

  SessionHistory(String clientId) {
    this.clientId = clientId;
  }

  /**
   * Takes the next event of the topic.
   *
   * @param atMillis when it came, by the clock that {@link #rebuilt} is given
   */
  void take(SessionEvent event, long atMillis) {
    if (event.getEpoch() < begunWith) {
      return;
    }
    boolean newest = event.getEpoch() >= epoch;
    switch (event.getKind()) {
      case CONNECTED -> {
        subscriptions.clear();
        begunWith = event.getEpoch();
        complete = true;
      }
      case SUBSCRIBED -> event.getSubscriptions().forEach(this::add);
      case UNSUBSCRIBED -> {
        if (newest) {
          event.getSubscriptions().forEach(each -> subscriptions.remove(each.getAddress()));
        }
      }
      case DISCONNECTED, TAKEN_OVER -> takeProgress(event, newest);
      case OTHER -> {
        if (event.getReason().equals(PROGRESS)) {
          takeProgress(event, newest);
        }
      }
      case RESUMED, GAP -> {}
      case EXPIRED -> {
        if (newest) {
          subscriptions.clear();
        }
      }
    }
    if (newest) {
      epoch = event.getEpoch();
      expirySeconds = event.getKind() == SessionEventKind.EXPIRED ? 0 : event.getExpirySeconds();
      lastMillis = atMillis;
      ended =
          switch (event.getKind()) {
            case DISCONNECTED, TAKEN_OVER, EXPIRED -> true;
            default -> false;
          };
    }
  }

  /**
   * The session as it is to be written; empty when it has expired.
   *
   * @param feeds the division of addresses into feeds
   */
  Optional<RebuiltSession> rebuilt(long nowMillis, Feeds feeds) {
    if (expirySeconds == 0) {
      return Optional.empty();
    }
    long left = expirySeconds;
    if (expirySeconds != SessionStore.EXPIRY_NEVER && ended) {
      left -= Math.max(0, (nowMillis - lastMillis) / 1_000);
    }
    return left < 1
        ? Optional.empty()
        : Optional.of(
            new RebuiltSession(clientId, epoch, expirySeconds, left, complete, storedFeeds(feeds)));
  }

  /**
   * The subscriptions by feed. The cursor of a feed is the lowest that its subscriptions report;
   * the other subscriptions hold from their own.
   */
  private List<StoredFeed> storedFeeds(Feeds feeds) {
    Map<String, List<Progress>> byFeed = new TreeMap<>();
    subscriptions
        .values()
        .forEach(
            each ->
                byFeed
                    .computeIfAbsent(feeds.prefixOf(each.filter()), f -> new ArrayList<>(1))
                    .add(each));
    List<StoredFeed> stored = new ArrayList<>(byFeed.size());
    byFeed.forEach(
        (name, all) -> {
          long cursor = all.stream().mapToLong(Progress::cursor).min().orElse(CURSOR_MIN);
          stored.add(
              new StoredFeed(
                  name,
                  cursor,
                  null,
                  all.stream()
                      .sorted(Comparator.comparing(Progress::filter))
                      .map(each -> stored(each, cursor))
                      .toList()));
        });
    return stored;
  }

  private static StoredSubscription stored(Progress subscription, long cursor) {
    return new StoredSubscription(
        subscription.filter(),
        subscription.qos(),
        subscription.cursor() > cursor ? subscription.cursor() : StoredSubscription.FROM_START);
  }

  /** Whether the newest event reports the end of the connection, with all cursors. */
  boolean isExact() {
    return ended;
  }

  private void takeProgress(SessionEvent event, boolean newest) {
    if (newest && event.getExpirySeconds() > 0) {
      takePicture(event.getSubscriptions());
    } else {
      event.getSubscriptions().forEach(this::moveOn);
    }
  }

  /** Replaces the subscriptions with {@code all}, the complete list at the time of an event. */
  private void takePicture(List<SubscriptionState> all) {
    List<Progress> picture = new ArrayList<>(all.size());
    for (SubscriptionState each : all) {
      picture.add(merged(each));
    }
    subscriptions.clear();
    picture.forEach(each -> subscriptions.put(each.filter(), each));
    complete = true;
  }

  private void add(SubscriptionState state) {
    subscriptions.put(state.getAddress(), merged(state));
  }

  private void moveOn(SubscriptionState state) {
    if (subscriptions.containsKey(state.getAddress())) {
      add(state);
    }
  }

  private Progress merged(SubscriptionState state) {
    Progress known = subscriptions.get(state.getAddress());
    long cursor = Math.max(CURSOR_MIN, state.getCursor());
    return new Progress(
        state.getAddress(),
        state.getQos(),
        known == null ? cursor : Math.max(known.cursor(), cursor));
  }
}
