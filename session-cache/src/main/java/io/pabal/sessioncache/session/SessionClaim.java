// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.session;

/**
 * The right to write to one session, until the next claim of the session.
 *
 * @param clientId the MQTT client identifier
 * @param epoch the fencing token; every later claim of this client identifier has a higher one
 */
public record SessionClaim(String clientId, long epoch) {}
