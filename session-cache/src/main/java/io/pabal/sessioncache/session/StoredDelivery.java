// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.session;

/**
 * One QoS 1 message that was sent to a session's client and is not acknowledged up to the cursor.
 *
 * @param packetId the MQTT packet identifier that it was sent with, 1-65535
 * @param address what it was sent for
 * @param offset its offset in the address's partition of {@code messages}
 * @param acknowledged whether the client has acknowledged it, ahead of an earlier one
 */
public record StoredDelivery(int packetId, String address, long offset, boolean acknowledged) {}
