// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.session;

/**
 * A range of an address's positions whose messages are lost, and not yet reported to the client.
 *
 * @param from the first offset
 * @param through the last offset
 */
public record StoredGap(long from, long through) {}
