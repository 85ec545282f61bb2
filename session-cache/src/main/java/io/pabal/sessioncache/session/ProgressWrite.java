// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.session;

import static io.pabal.sessioncache.redis.RedisLink.bytes;

import java.util.List;

/**
 * One session's part of {@link SessionStore#write}: a checkpoint, which advances cursors and
 * replaces the deliveries in flight, or a release, which also ends the claim.
 *
 * @param claim the claim under which the session is written
 * @param progress the session's progress
 * @param expirySeconds for a release, how long the session is kept from now on: 0 deletes it,
 *     {@link SessionStore#EXPIRY_NEVER} keeps it for ever; {@link #CLAIMED} for a checkpoint
 */
public record ProgressWrite(SessionClaim claim, SessionProgress progress, long expirySeconds) {

  /** Stands for the expiry of a session that stays claimed. */
  public static final long CLAIMED = -1;

  private static final byte[] NO_EXPIRY = {};

  /** Checks the expiry. */
  public ProgressWrite {
    if (expirySeconds != CLAIMED) {
      SessionStore.checkExpiry(expirySeconds);
    }
  }

  /** The session stays claimed. */
  public static ProgressWrite checkpoint(SessionClaim claim, SessionProgress progress) {
    return new ProgressWrite(claim, progress, CLAIMED);
  }

  /** The session's network connection has ended. */
  public static ProgressWrite release(
      SessionClaim claim, SessionProgress progress, long expirySeconds) {
    SessionStore.checkExpiry(expirySeconds);
    return new ProgressWrite(claim, progress, expirySeconds);
  }

  /** Whether the write ends the claim. */
  public boolean isRelease() {
    return expirySeconds != CLAIMED;
  }

  /** Adds the session's arguments of {@code progress.lua}. */
  void addTo(List<byte[]> arguments) {
    arguments.add(fence(claim.confirmed()));
    arguments.add(fence(claim.write()));
    arguments.add(isRelease() ? bytes(expirySeconds) : NO_EXPIRY);
    arguments.add(InFlightFormat.encode(progress.inFlight()));
    arguments.add(bytes(progress.cursors().size()));
    for (StoredCursor cursor : progress.cursors()) {
      arguments.add(bytes("f:" + cursor.feed()));
      arguments.add(bytes(cursor.cursor()));
    }
  }

  private byte[] fence(int write) {
    return bytes(claim.epoch() + " " + write);
  }
}
