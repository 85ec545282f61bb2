// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.history;

import java.util.List;

/**
 * The messages of one feed in the first part of the requested range. Every page covers at least one
 * offset; the caller requests the part beyond {@code scannedThrough} again.
 *
 * @param entries the messages, oldest first
 * @param scannedThrough the offset up to which every message of the feed that Kafka still has is
 *     among the entries
 * @param missingThrough the offset up to which Kafka has deleted all messages, from the beginning
 *     of the range; -1: no message of the range is deleted at its beginning
 */
public record HistoryPage(List<HistoryEntry> entries, long scannedThrough, long missingThrough) {}
