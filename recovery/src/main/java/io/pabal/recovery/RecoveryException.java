// SPDX-License-Identifier: Apache-2.0
package io.pabal.recovery;

/** Kafka or Redis did not answer, or not as it should; what was done until then stays. */
public final class RecoveryException extends RuntimeException {

  private static final long serialVersionUID = 1;

  /** A failure with a text for the operator. */
  public RecoveryException(String message) {
    super(message);
  }

  /** A failure with a text for the operator, and its cause. */
  public RecoveryException(String message, Throwable cause) {
    super(message, cause);
  }
}
