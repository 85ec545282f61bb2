// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.history;

/**
 * One message, as it is in {@code messages}.
 *
 * @param offset its offset
 * @param value the value bytes of its record, shared with other pages; not to be changed
 */
@SuppressWarnings("ArrayRecordComponent") // no copy, and never compared
public record HistoryEntry(long offset, byte[] value) {}
