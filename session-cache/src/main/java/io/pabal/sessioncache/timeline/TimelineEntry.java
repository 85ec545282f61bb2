// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.timeline;

/**
 * One message in a timeline.
 *
 * @param address the address that it was published to
 * @param offset its offset in its partition of {@code messages}
 * @param value the value bytes of its record; must not be modified
 */
@SuppressWarnings("ArrayRecordComponent") // millions of these: no copy, and never compared
public record TimelineEntry(String address, long offset, byte[] value) {}
