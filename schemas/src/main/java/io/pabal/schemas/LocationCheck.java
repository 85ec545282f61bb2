// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas;

import org.jspecify.annotations.NullMarked;

/**
 * A {@link Location} that asks the router to answer the activations of a prefix again, and does not
 * change the location table. Its activation is 0; real activations count from 1.
 */
@NullMarked
public final class LocationCheck {

  private static final long NO_INCARNATION = 0;
  private static final long NO_ACTIVATION = 0;

  private LocationCheck() {}

  /** A check of the activation of one connector, or of all when {@code connectorId} is empty. */
  public static Location of(String connectorId) {
    return new Location(connectorId, NO_INCARNATION, NO_ACTIVATION, true);
  }

  /** Whether {@code location} is a check. */
  public static boolean isOne(Location location) {
    return location.getActivation() == NO_ACTIVATION;
  }
}
