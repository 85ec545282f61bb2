// SPDX-License-Identifier: Apache-2.0
package io.pabal.recovery;

/** Kafka or Redis did not answer, or not as it should; what was done until then stays. */
public final class RecoveryException extends RuntimeException {

  private static final long serialVersionUID = 1;

  RecoveryException(String message) {
    super(message);
  }

  RecoveryException(String message, Throwable cause) {
    super(message, cause);
  }
}
