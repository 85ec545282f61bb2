// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.session;

/**
 * The claim that a connector requests when a client connects.
 *
 * @param clientId the MQTT client identifier
 * @param connectorId the connector's stable id; not empty
 * @param incarnation the connector's incarnation
 * @param cleanStart MQTT 5 Clean Start: the stored session is dropped
 * @param expirySeconds MQTT 5 Session Expiry Interval: 0 ends the session with its connection,
 *     {@link SessionStore#EXPIRY_NEVER} keeps it for ever
 */
public record ClaimRequest(
    String clientId, String connectorId, long incarnation, boolean cleanStart, long expirySeconds) {

  /** Checks the bounds. */
  public ClaimRequest {
    if (connectorId.isEmpty()) {
      throw new IllegalArgumentException("connectorId: empty (expected: the connector's id)");
    }
    SessionStore.checkExpiry(expirySeconds);
  }
}
