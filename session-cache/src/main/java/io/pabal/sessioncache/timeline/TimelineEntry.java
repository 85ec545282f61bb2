// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.timeline;

/**
 * One message in a timeline.
 *
 * @param offset its offset in its partition of {@code messages}
 * @param value the value bytes of its record; must not be modified
 */
@SuppressWarnings("ArrayRecordComponent") // millions of these: no copy, and never compared
public record TimelineEntry(long offset, byte[] value) {}
