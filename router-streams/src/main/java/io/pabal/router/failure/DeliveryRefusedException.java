// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.failure;

/**
 * A connector's topic refused a record for itself: it is too large there, or invalid. What the
 * topic refuses is known now, so the next attempt sends something smaller ({@code
 * RefusedDeliveries}).
 */
final class DeliveryRefusedException extends ProductionFailedException {

  DeliveryRefusedException(String topic, Exception cause) {
    super(topic, cause);
  }
}
