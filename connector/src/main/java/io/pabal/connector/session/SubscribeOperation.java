// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import io.pabal.sessioncache.session.FenceResult;
import io.pabal.sessioncache.session.StoredSubscription;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One SUBSCRIBE in progress: waits until the router has answered for every address, then stores the
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
  private final @Nullable Subscription[] subscriptions;
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
    this.subscriptions = new @Nullable Subscription[requests.size()];
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
    Subscription present = session.subscription(request.address());
    Subscription subscription;
    if (present != null) {
      subscription = present;
      subscription.options(request.options());
    } else if (session.subscriptionCount() >= services.limits().subscriptionsMax()) {
      outcomes[i] = SubscribeOutcome.TOO_MANY;
      return;
    } else {
      created[i] = true;
      subscription =
          session.attach(
              new StoredSubscription(
                  request.address(), request.options().bits(), Subscription.NEW));
    }
    subscriptions[i] = subscription;
    waiting++;
    subscription.whenDecided(
        () -> {
          if (!settled) {
            outcomes[i] =
                subscription.isGone() ? SubscribeOutcome.WITHDRAWN : SubscribeOutcome.LIVE;
            oneLess();
          }
        });
  }

  /** One address needs no more waiting; the last one settles the operation. */
  private void oneLess() {
    if (--waiting == 0) {
      settle();
    }
  }

  /** Ends the wait: called when every address is decided, or by the timeout. */
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
    List<Subscription> live = new ArrayList<>(requests.size());
    List<Runnable> others = new ArrayList<>(0);
    for (int i = 0; i < subscriptions.length; i++) {
      Subscription subscription = subscriptions[i];
      if (subscription == null || subscription.isGone()) {
        // The subscription was never begun, or it ended during the wait.
        outcomes[i] =
            outcomes[i] == SubscribeOutcome.LIVE ? SubscribeOutcome.WITHDRAWN : outcomes[i];
      } else if (outcomes[i] == SubscribeOutcome.LIVE) {
        live.add(subscription);
      } else {
        others.add(undo(i));
      }
    }
    if (live.isEmpty() || !session.profile().isPersistent()) {
      finish(live);
    } else {
      store(live);
    }
    others.forEach(Runnable::run);
  }

  private void store(List<Subscription> live) {
    List<StoredSubscription> stored = live.stream().map(Subscription::toStored).toList();
    session
        .record()
        .subscribe(stored)
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
                      finish(applied ? live : List.of());
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
   * @return the callbacks of other operations that waited for this subscription
   */
  private Runnable undo(int i) {
    Subscription subscription = subscriptions[i];
    return created[i] && subscription != null && !subscription.isGone()
        ? session.detach(subscription)
        : () -> {};
  }

  private void finish(List<Subscription> live) {
    if (!live.isEmpty()) {
      services.events().subscribed(session, live);
    }
    done.accept(List.of(outcomes));
  }
}
