// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.cluster;

/** Knows which deliveries topics exist, and how large a record each topic accepts. */
public interface DeliveryTopics {

  /**
   * Whether {@code topic} exists. Returns false only if Kafka was asked after {@code sinceMillis}
   * and answered so. {@code sinceMillis} is the time at which a record that relies on the topic (a
   * location or a message) was written, so a topic that was created before that time is never
   * reported as missing. May block, for a bounded time.
   *
   * @param sinceMillis milliseconds since 1970 UTC
   * @throws org.apache.kafka.common.KafkaException when Kafka does not answer in time
   */
  boolean exists(String topic, long sinceMillis);

  /**
   * The largest record of a message that the topic accepts, in bytes as {@link DeliverySize} counts
   * them. A larger message is announced. Does not block.
   */
  default int messageBytesMax(String topic) {
    return Integer.MAX_VALUE;
  }

  /** Whether the topic refuses even the smallest record. Does not block. */
  default boolean takesNothing(String topic) {
    return false;
  }

  /**
   * Notes that the topic refused a record because of the record itself, so that the next attempt
   * does not send the record again. Does not block.
   *
   * @param bytes the record's size, as {@link DeliverySize} counts it
   * @param message whether the record was a message, not an announcement or a rewind
   * @param forSize whether the record was refused for its size
   */
  default void refused(String topic, int bytes, boolean message, boolean forSize) {}
}
