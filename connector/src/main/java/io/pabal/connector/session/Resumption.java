// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

/**
 * The resumption of a session: from its claim until each stored feed is active or gone and no
 * timeline page is being read. Each active feed is then live, or is being read for from Kafka, or
 * waits until the client acknowledges or reads more. Used on the session's event loop only.
 */
final class Resumption {

  private final Runnable settled;
  private int activating;

  /**
   * A resumption that begins.
   *
   * @param feeds how many feeds are stored
   * @param settled run once, when the resumption is complete or the session has ended
   */
  Resumption(int feeds, Runnable settled) {
    this.activating = feeds;
    this.settled = settled;
  }

  /** One more of the feeds is active or gone. */
  void decided() {
    activating--;
  }

  /** Whether a feed is neither active nor gone yet. */
  boolean isActivating() {
    return activating > 0;
  }

  /** Reports the end of the resumption; called once. */
  void settle() {
    settled.run();
  }
}
