// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.session;

/**
 * The cursor of a session for one feed.
 *
 * @param feed the prefix of a feed in which the session has a subscription
 * @param cursor the offset up to which every message of the feed is acknowledged or not wanted
 */
public record StoredCursor(String feed, long cursor) {}
