// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.load.plan;

import java.time.Duration;

/**
 * Sessions that leave, miss messages and return all at once.
 *
 * @param name of the measurement
 * @param sessions each subscribed to an address of its own
 * @param waiting messages that each of them misses
 * @param payloadBytes of each message, at least {@link TrafficPlan#PAYLOAD_BYTES_MIN}
 * @param window messages of the publisher that may be without PUBACK
 * @param connecting how many connect at the same time in the beginning; all return at once
 * @param rounds how often they leave, miss messages and return
 * @param settle pause between the publishing and the return
 */
public record ReturnPlan(
    String name,
    int sessions,
    int waiting,
    int payloadBytes,
    int window,
    int connecting,
    int rounds,
    Duration settle) {}
