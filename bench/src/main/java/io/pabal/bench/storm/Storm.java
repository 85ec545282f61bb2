// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.storm;

import io.pabal.bench.client.Latencies;

/**
 * The result of one storm.
 *
 * @param warmUp whether it does not count, since its connectors had not taken in so many sessions
 *     before
 * @param admission whether the connector bounds the sessions that it accepts at once
 * @param allBackMillis until every session had the messages that waited for it
 * @param refused CONNECT packets that were refused for now
 * @param inFlightMax the most sessions at one time that were accepted and lacked some waiting
 *     messages, as the clients see it
 * @param memoryMiB the largest resident set of the connector's process
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
