// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.failure;

/**
 * A connector's topic refused a record because of the record itself: it is too large for the topic,
 * or invalid there. The refusal is noted, so the next attempt sends a smaller record ({@code
 * RefusedDeliveries}).
 */
final class DeliveryRefusedException extends ProductionFailedException {

  DeliveryRefusedException(String topic, Exception cause) {
    super(topic, cause);
  }
}
