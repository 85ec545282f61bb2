// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.session;

/** The reply to {@link SessionStore#claimUnlessOwned}. */
public sealed interface ClaimReply permits Claim, ClaimReply.Owned {

  /**
   * Another connector owns the session, and nothing was changed.
   *
   * @param owner the connector; it may have died
   * @param epoch the epoch of its claim
   */
  record Owned(Owner owner, long epoch) implements ClaimReply {}
}
