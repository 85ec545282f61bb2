// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.session;

/** Whether a write that was made under a claim took place. */
public enum FenceResult {
  /** The claim was the session's current one: everything was written. */
  APPLIED,
  /** The session has been claimed again, was released or has expired: nothing was written. */
  FENCED,
  /**
   * Redis has lost the claim, and nobody is known to have claimed the session since: nothing was
   * written. See {@link SessionStore#restore}.
   */
  LOST
}
