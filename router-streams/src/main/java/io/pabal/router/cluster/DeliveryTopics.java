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

  /**
   * Bytes of a message's record, as {@link Outbox} counts them, that the topic takes; a larger one
   * is announced. Does not block.
   */
  default int messageBytesMax(String topic) {
    return Integer.MAX_VALUE;
  }

  /** Whether the topic refuses even the smallest record. Does not block. */
  default boolean takesNothing(String topic) {
    return false;
  }

  /**
   * The topic refused a record for itself, and the next attempt must not send it again. Does not
   * block.
   *
   * @param bytes the record's size, as {@link Outbox} counts it
   * @param message whether it was a message, and not something small about one
   * @param forSize whether it was refused for its size
   */
  default void refused(String topic, int bytes, boolean message, boolean forSize) {}
}
