// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

/**
 * The parameters of a client's CONNECT (MQTT 5, 3.1), after the connector's limits were applied.
 *
 * @param clientId the MQTT client identifier
 * @param user the user name; empty when none was given
 * @param mqtt5 whether the client uses MQTT 5; otherwise it uses MQTT 3.1.1
 * @param cleanStart whether an earlier session is dropped
 * @param expirySeconds for how many seconds the session outlives its connection, as in the MQTT 5
 *     Session Expiry Interval; 0: it ends with its connection
 * @param inFlightMax QoS 1 deliveries that may be unacknowledged: the lower of the client's Receive
 *     Maximum and the connector's limit
 */
public record SessionProfile(
    String clientId,
    String user,
    boolean mqtt5,
    boolean cleanStart,
    long expirySeconds,
    int inFlightMax) {

  /** The Session Expiry Interval of a session that never expires (MQTT 5, 3.1.2.11.2). */
  public static final long EXPIRY_NEVER = 0xFFFF_FFFFL;

  /** Whether the session outlives its connection. */
  public boolean isPersistent() {
    return expirySeconds > 0;
  }

  SessionProfile withExpirySeconds(long changed) {
    return new SessionProfile(clientId, user, mqtt5, cleanStart, changed, inFlightMax);
  }
}
