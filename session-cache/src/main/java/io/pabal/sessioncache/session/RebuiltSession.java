// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.session;

import java.util.List;

/**
 * A session as reconstructed from the topic {@code sessions}.
 *
 * @param clientId the MQTT client identifier
 * @param epoch the epoch of the newest known claim
 * @param expirySeconds how long the session is kept after its connection has ended, at least 1
 * @param leftSeconds how long the session is kept from now on, at least 1
 * @param complete whether {@code feeds} are all feeds of the session; otherwise further ones in
 *     Redis are kept
 * @param feeds the subscriptions with their cursors, by feed
 */
public record RebuiltSession(
    String clientId,
    long epoch,
    long expirySeconds,
    long leftSeconds,
    boolean complete,
    List<StoredFeed> feeds) {

  /** Checks the bounds. */
  public RebuiltSession {
    SessionStore.checkExpiry(expirySeconds);
    if (expirySeconds < 1 || leftSeconds < 1) {
      throw new IllegalArgumentException(
          "session %s: kept for %d s, %d s left (expected: at least 1)"
              .formatted(clientId, expirySeconds, leftSeconds));
    }
  }
}
