// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import io.pabal.connector.delivery.Delivery;
import io.pabal.sessioncache.session.StoredSubscription;

/**
 * One subscription of one session: a topic filter with its options. All addresses that the filter
 * matches belong to one feed, whose cursor the session's subscriptions share ({@link SessionFeed}).
 *
 * @param filter the topic filter; without wildcards, so it matches the address of the same name
 * @param options the granted options
 * @param from the offset after which the subscription holds. It does not want earlier messages,
 *     which the feed's other subscriptions may still have to get; {@link #FROM_ACTIVATION}: not
 *     known yet
 * @param granted whether the client was told, or is about to be told, that the subscription holds;
 *     only such a subscription is stored
 */
record Subscription(String filter, SubscriptionOptions options, long from, boolean granted) {

  /** The subscription wants every message beyond the feed's cursor. */
  static final long FROM_CURSOR = StoredSubscription.FROM_START;

  /** The subscription will hold from the head of the feed's next activation. */
  static final long FROM_ACTIVATION = Long.MAX_VALUE;

  static Subscription of(StoredSubscription stored) {
    return new Subscription(
        stored.filter(), SubscriptionOptions.of(stored.options()), stored.from(), true);
  }

  /** Whether the message at a position of the feed is for this subscription. */
  @SuppressWarnings("ReferenceEquality") // most often the feed's name, which is one object
  boolean matches(Delivery delivery) {
    return delivery.offset() > from
        && (delivery.address() == filter || delivery.address().equals(filter));
  }

  Subscription withOptions(SubscriptionOptions changed) {
    return new Subscription(filter, changed, from, granted);
  }

  Subscription withFrom(long offset) {
    return new Subscription(filter, options, offset, granted);
  }

  Subscription asGranted() {
    return new Subscription(filter, options, from, true);
  }

  StoredSubscription toStored() {
    return new StoredSubscription(filter, options.bits(), from);
  }
}
