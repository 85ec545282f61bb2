// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.delivery;

import io.pabal.schemas.DeliveryHeader.Rewind;

/**
 * One session's subscriptions within one feed, as the feed sees them. All methods are called on the
 * session's event loop. Deliveries arrive in the order of their positions.
 */
public abstract class Subscriber {

  /** The subscriber's index in its {@link SubscriberSet}; -1: in none. */
  int place = -1;

  /**
   * The router has answered the feed's activation, for the first time or once more. Every message
   * after {@code head} is pushed. The messages at or below {@code head} are found in the timeline.
   */
  protected abstract void activated(long head);

  /** An operator asks to send messages again, to this session or to other ones. */
  protected abstract void rewind(Rewind rewind);

  /** Receives one message of the feed. */
  protected abstract void deliver(Delivery delivery);

  /** The subscriber failed to handle an event: its session has to end, and no other session. */
  protected abstract void failed(Throwable cause);
}
