// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.history;

/**
 * One message, as it is stored in {@code messages}.
 *
 * @param address the address that it was published to
 * @param offset the offset of its record
 * @param value the value bytes of its record, shared with other pages; must not be changed
 */
@SuppressWarnings("ArrayRecordComponent") // no copy, and never compared
public record HistoryEntry(String address, long offset, byte[] value) {}
