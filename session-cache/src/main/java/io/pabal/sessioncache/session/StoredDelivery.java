// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.session;

/**
 * One QoS 1 message that was sent to a session's client and lies beyond the cursor of its feed.
 *
 * @param packetId the MQTT packet identifier of the PUBLISH, 1-65535
 * @param feed the prefix of the message's feed
 * @param offset its offset in the feed's partition of {@code messages}
 * @param acknowledged whether the client has acknowledged it, before an earlier message
 */
public record StoredDelivery(int packetId, String feed, long offset, boolean acknowledged) {}
