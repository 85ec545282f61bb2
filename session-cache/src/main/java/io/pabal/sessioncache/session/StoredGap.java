// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.session;

/**
 * Positions of an address that are gone, and of which the client has yet to be told.
 *
 * @param from the first offset
 * @param through the last offset
 */
public record StoredGap(long from, long through) {}
