// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.client;

/** What a subscriber does besides reconnecting after every disconnect. */
enum Habit {
  /** Nothing. */
  STAY,
  /** Disconnects, stays away for a while, and reconnects to a random connector. */
  LEAVE,
  /** Connects again, to a random connector, without closing its connection (a takeover). */
  TAKE_OVER,
  /** Unsubscribes from an address, and subscribes again after a while. */
  RESUBSCRIBE,
  /** Reconnects with Clean Start now and then, which ends its session. */
  CLEAN_START
}
