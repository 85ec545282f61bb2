// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.session;

/**
 * The right to write to one session, until the next claim of the session. A claim that is passed to
 * a write also carries the counts of the writes under it: Redis compares them, and thus notices
 * that it has lost a write that it had confirmed.
 *
 * @param clientId the MQTT client identifier
 * @param epoch the fencing token; every later claim of this client identifier has a higher one
 * @param confirmed the number of the newest write under this claim that Redis has confirmed; 0:
 *     none
 * @param write the number of the write that this claim is passed to, from 1 up; 0: not counted
 */
public record SessionClaim(String clientId, long epoch, int confirmed, int write) {

  /** A claim whose writes are not counted. */
  public SessionClaim(String clientId, long epoch) {
    this(clientId, epoch, 0, 0);
  }

  /** This claim for a write. */
  public SessionClaim forWrite(int confirmedWrites, int number) {
    return new SessionClaim(clientId, epoch, confirmedWrites, number);
  }
}
