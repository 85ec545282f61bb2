// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.session;

/** The result of a write under a claim. */
public enum FenceResult {
  /** The claim is the session's current one: everything was written. */
  APPLIED,
  /** The session was claimed again, was released or has expired: nothing was written. */
  FENCED,
  /**
   * Redis has lost the claim, and has no later claim of the session: nothing was written. See
   * {@link SessionStore#restore}.
   */
  LOST
}
