// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.cluster;

/** Knows which topics of connectors exist. */
public interface DeliveryTopics {

  /**
   * Whether {@code topic} exists. False only on Kafka's own word, given after {@code sinceMillis}:
   * the time at which somebody relied on the topic (wrote a location or message for it), so a topic
   * that was created before that is never denied. May block, bounded.
   *
   * @param sinceMillis milliseconds since 1970 UTC
   * @throws org.apache.kafka.common.KafkaException when Kafka does not say in time
   */
  boolean exists(String topic, long sinceMillis);
}
