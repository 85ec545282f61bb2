// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.session;

/**
 * A range of a feed's positions whose messages are lost. The client has not yet acknowledged the
 * message that reports it.
 *
 * @param from the first offset
 * @param through the last offset
 */
public record StoredGap(long from, long through) {}
