// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.plan;

import java.time.Duration;

/**
 * The load that a cluster is planned for.
 *
 * @param sessions sessions that are connected at the same time
 * @param messagesPerSecond messages published per second, on average
 * @param peakPerSecond messages a second at peak
 * @param fanout live sessions that a message reaches, on average
 * @param payloadBytes payload of a message, on average
 * @param retention how long Kafka keeps messages
 * @param subscriptions subscriptions of a session, on average
 * @param addresses addresses that get messages within {@code timelineAge}
 * @param timelineMessagesMax timeline.messagesPerAddressMax
 * @param timelineAge timeline.ageMaxHours
 * @param replicas Kafka's replication factor
 */
record Load(
    double sessions,
    double messagesPerSecond,
    double peakPerSecond,
    double fanout,
    double payloadBytes,
    Duration retention,
    double subscriptions,
    double addresses,
    double timelineMessagesMax,
    Duration timelineAge,
    int replicas) {}
