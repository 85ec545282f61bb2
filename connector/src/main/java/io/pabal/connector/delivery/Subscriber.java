// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.delivery;

import io.pabal.schemas.DeliveryHeader.Rewind;

/**
 * One session's interest in one address, as the address sees it. All methods are called on the
 * session's event loop, deliveries in the order of their positions.
 */
public abstract class Subscriber {

  /** The subscriber's place in its {@link SubscriberSet}. */
  int place = -1;

  /**
   * The address is live, or its activation was answered once more: every message after {@code head}
   * is pushed, and what lies at or below it is found in the timeline.
   */
  protected abstract void activated(long head);

  /** An operator wants messages sent again, perhaps to this session. */
  protected abstract void rewind(Rewind rewind);

  /** One message of the address. */
  protected abstract void deliver(Delivery delivery);

  /** The subscriber failed to take a delivery; its session has to go, and nobody else. */
  protected abstract void failed(Throwable cause);
}
