// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.history;

import java.util.List;

/**
 * What was found of one address in a first stretch of the range that was asked for. Every page gets
 * further: what is beyond {@code scannedThrough} has to be asked for again.
 *
 * @param entries the messages, oldest first
 * @param scannedThrough the offset up to which every message of the address that Kafka still has is
 *     among the entries
 * @param missingThrough Kafka has deleted everything from the beginning of the range up to this
 *     offset; -1: nothing of it
 */
public record HistoryPage(List<HistoryEntry> entries, long scannedThrough, long missingThrough) {}
