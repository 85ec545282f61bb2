// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.session;

/**
 * The cursor of a session for one address.
 *
 * @param address an address that the session is subscribed to
 * @param cursor the offset up to which every message of the address is acknowledged
 */
public record StoredCursor(String address, long cursor) {}
