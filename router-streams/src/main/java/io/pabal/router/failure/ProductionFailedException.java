// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.failure;

import org.apache.kafka.common.KafkaException;

/**
 * A record for a topic that exists could not be sent. Not retriable, whatever its cause is: Kafka
 * Streams would otherwise revive the task with the same producer.
 */
class ProductionFailedException extends KafkaException {

  ProductionFailedException(String topic, Exception cause) {
    super("A record for topic " + topic + " could not be sent: " + cause, cause);
  }
}
