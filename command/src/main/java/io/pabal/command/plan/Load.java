// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.plan;

import java.time.Duration;

/**
 * What is to be carried.
 *
 * @param sessions connected at once
 * @param messagesPerSecond on average
 * @param peakPerSecond messages a second at peak
 * @param fanout live sessions that a message reaches, on average
 * @param payloadBytes of a message, on average
 * @param retention how long Kafka keeps messages
 * @param subscriptions of a session, on average
 * @param addresses that messages are sent to within the age of timelines
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
