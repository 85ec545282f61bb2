// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.model;

/** The simulation did what it must not. */
final class InvariantBroken extends AssertionError {

  private static final long serialVersionUID = 1;

  private final transient Invariant invariant;

  InvariantBroken(Invariant invariant, String what) {
    super(invariant + " (" + invariant.text() + "): " + what);
    this.invariant = invariant;
  }

  Invariant invariant() {
    return invariant;
  }
}
