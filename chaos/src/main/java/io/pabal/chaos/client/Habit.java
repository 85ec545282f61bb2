// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.client;

/** What a subscriber does beside coming back after every disconnect. */
enum Habit {
  /** Nothing. */
  STAY,
  /** Disconnects, stays away for a while, and comes back elsewhere. */
  LEAVE,
  /** Connects elsewhere without ending the connection that it has. */
  TAKE_OVER,
  /** Unsubscribes from an address, and subscribes again after a while. */
  RESUBSCRIBE,
  /** Forgets its session now and then. */
  CLEAN_START
}
