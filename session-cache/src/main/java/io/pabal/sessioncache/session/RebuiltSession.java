// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.session;

import java.util.List;

/**
 * A session as the topic {@code sessions} knows it.
 *
 * @param clientId the MQTT client identifier
 * @param epoch of the newest claim that is known of
 * @param expirySeconds how long it is kept after its connection ends, at least 1
 * @param leftSeconds how much of that is left, at least 1
 * @param complete whether the subscriptions are known to be all that it has; else those that Redis
 *     still knows stay
 * @param subscriptions with their cursors
 */
public record RebuiltSession(
    String clientId,
    long epoch,
    long expirySeconds,
    long leftSeconds,
    boolean complete,
    List<StoredSubscription> subscriptions) {

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
