// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

/**
 * The return of a session, from its claim until nothing is under way for it: each stored
 * subscription is active, and is live or waits for the client to take more. On the session's event
 * loop only.
 */
final class Resumption {

  private final Runnable settled;
  private int activating;

  /**
   * A return that begins.
   *
   * @param subscriptions how many subscriptions are stored
   * @param settled run once, when it is over, be it by the end of the session
   */
  Resumption(int subscriptions, Runnable settled) {
    this.activating = subscriptions;
    this.settled = settled;
  }

  /** One of the subscriptions is active, or gone. */
  void decided() {
    activating--;
  }

  boolean isActivating() {
    return activating > 0;
  }

  void settle() {
    settled.run();
  }
}
