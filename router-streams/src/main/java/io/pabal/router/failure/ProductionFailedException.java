// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.failure;

import org.apache.kafka.common.KafkaException;

/**
 * A record for a topic that exists could not be sent. Never retriable, even if its cause is:
 * otherwise Kafka Streams would revive the task with the same producer.
 */
class ProductionFailedException extends KafkaException {

  ProductionFailedException(String topic, Exception cause) {
    super("A record for topic " + topic + " could not be sent: " + cause, cause);
  }
}
