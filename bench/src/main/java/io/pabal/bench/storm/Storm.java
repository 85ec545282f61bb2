// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.storm;

import io.pabal.bench.client.Latencies;

/**
 * What came of one storm.
 *
 * @param warmUp whether it does not count, since the connectors that all came to had not taken in
 *     so many before
 * @param admission whether the connector let in only so many at once
 * @param allBackMillis until every session had what waited for it
 * @param refused CONNECT packets that were answered "later"
 * @param inFlightMax sessions let in, at most, that did not have yet what waited for them, as the
 *     clients see it
 * @param memoryMiB what the connector's process occupied, at most (its resident set)
 * @param quiet latencies of the live traffic before
 * @param stormy latencies of the live traffic until the last session was back
 */
public record Storm(
    boolean warmUp,
    boolean admission,
    long allBackMillis,
    int refused,
    int inFlightMax,
    long memoryMiB,
    Latencies quiet,
    Latencies stormy) {}
