// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import io.pabal.schemas.SubscriptionState;
import io.pabal.sessioncache.session.FenceResult;
import io.pabal.sessioncache.session.StoredFeed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One SUBSCRIBE in progress: waits until the router has answered for every feed, then stores the
 * subscriptions of a persistent session, and only then reports them as live. Used on the session's
 * event loop only.
 *
 * <p>The wait for the router is limited by the configured subscribe timeout. A subscription that is
 * not live by then has failed; it is removed unless it existed before this SUBSCRIBE. A
 * subscription that ends during the wait is no longer waited for. The timeout does not cover the
 * write to Redis. If that write fails, the subscriptions that this SUBSCRIBE created are removed.
 */
final class SubscribeOperation {

  private final Session session;
  private final SessionServices services;
  private final List<SubscribeRequest> requests;
  private final Consumer<List<SubscribeOutcome>> done;
  private final @Nullable SessionFeed[] feeds;
  private final boolean[] created;
  private final SubscribeOutcome[] outcomes;
  private int waiting;
  private @Nullable Future<?> timeout;
  private boolean settled;

  SubscribeOperation(
      Session session,
      SessionServices services,
      List<SubscribeRequest> requests,
      Consumer<List<SubscribeOutcome>> done) {
    this.session = session;
    this.services = services;
    this.requests = requests;
    this.done = done;
    this.feeds = new @Nullable SessionFeed[requests.size()];
    this.created = new boolean[requests.size()];
    this.outcomes = new SubscribeOutcome[requests.size()];
    Arrays.fill(outcomes, SubscribeOutcome.NOT_ACTIVATED);
  }

  void start() {
    waiting = 1;
    for (int i = 0; i < requests.size(); i++) {
      begin(i);
    }
    oneLess();
    if (!settled) {
      timeout =
          session.onEventLoopAfter(
              services.limits().subscribeTimeout().toMillis(), TimeUnit.MILLISECONDS, this::settle);
    }
  }

  private void begin(int i) {
    SubscribeRequest request = requests.get(i);
    String filter = request.filter();
    SessionFeed present = session.feedOf(filter);
    SessionFeed feed;
    if (present != null && present.find(filter) != null) {
      feed = present;
      feed.options(filter, request.options());
    } else if (session.subscriptionCount() >= services.limits().subscriptionsMax()) {
      outcomes[i] = SubscribeOutcome.TOO_MANY;
      return;
    } else {
      created[i] = true;
      feed = session.subscribe(filter, request.options());
    }
    feeds[i] = feed;
    waiting++;
    feed.whenDecided(
        () -> {
          if (!settled) {
            outcomes[i] = isHeld(i) ? SubscribeOutcome.LIVE : SubscribeOutcome.WITHDRAWN;
            oneLess();
          }
        });
  }

  /** Whether the session has the requested subscription still. */
  private boolean isHeld(int i) {
    SessionFeed feed = feeds[i];
    return feed != null && !feed.isGone() && feed.find(requests.get(i).filter()) != null;
  }

  /** One request needs no more waiting; the last one settles the operation. */
  private void oneLess() {
    if (--waiting == 0) {
      settle();
    }
  }

  /** Ends the wait: called when every feed is decided, or by the timeout. */
  private void settle() {
    if (settled) {
      return;
    }
    settled = true;
    if (timeout != null) {
      // The timeout's task refers to the session. Without this call, a settled operation would keep
      // the session in memory until the timeout fires.
      timeout.cancel(false);
    }
    if (session.isEnded()) {
      return;
    }
    Set<SessionFeed> live = new LinkedHashSet<>();
    List<Runnable> others = new ArrayList<>(0);
    for (int i = 0; i < feeds.length; i++) {
      SessionFeed feed = feeds[i];
      if (feed == null || !isHeld(i)) {
        // The subscription was never begun, or it ended during the wait.
        outcomes[i] =
            outcomes[i] == SubscribeOutcome.LIVE ? SubscribeOutcome.WITHDRAWN : outcomes[i];
      } else if (outcomes[i] == SubscribeOutcome.LIVE) {
        feed.grant(requests.get(i).filter());
        live.add(feed);
      } else {
        others.add(undo(i));
      }
    }
    if (live.isEmpty() || !session.profile().isPersistent()) {
      finish();
    } else {
      store(List.copyOf(live));
    }
    others.forEach(Runnable::run);
  }

  private void store(List<SessionFeed> live) {
    List<StoredFeed> stored = live.stream().map(SessionFeed::toStored).toList();
    session
        .record()
        .putFeeds(stored, List.of())
        .whenComplete(
            (result, error) ->
                session.onEventLoop(
                    () -> {
                      if (session.isEnded() || session.fenced(result)) {
                        return;
                      }
                      boolean applied = result == FenceResult.APPLIED;
                      if (!applied) {
                        notStored();
                      } else {
                        for (int i = 0; i < live.size(); i++) {
                          live.get(i).stored(stored.get(i).cursor());
                        }
                      }
                      finish();
                    }));
  }

  private void notStored() {
    for (int i = 0; i < outcomes.length; i++) {
      if (outcomes[i] == SubscribeOutcome.LIVE) {
        outcomes[i] = SubscribeOutcome.NOT_STORED;
        undo(i).run();
      }
    }
  }

  /**
   * Removes the subscription if this operation created it.
   *
   * @return the callbacks of other operations that waited for the feed of this subscription
   */
  private Runnable undo(int i) {
    SessionFeed feed = feeds[i];
    return created[i] && feed != null && isHeld(i)
        ? session.unsubscribe(feed, requests.get(i).filter())
        : () -> {};
  }

  private void finish() {
    List<SubscriptionState> live = new ArrayList<>(requests.size());
    for (int i = 0; i < feeds.length; i++) {
      SessionFeed feed = feeds[i];
      Subscription subscription = feed == null ? null : feed.find(requests.get(i).filter());
      if (outcomes[i] == SubscribeOutcome.LIVE && feed != null && subscription != null) {
        live.add(SessionEvents.state(feed, subscription));
      }
    }
    if (!live.isEmpty()) {
      services.events().subscribed(session, live);
    }
    done.accept(List.of(outcomes));
  }
}
