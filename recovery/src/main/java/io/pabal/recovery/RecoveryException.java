// SPDX-License-Identifier: Apache-2.0
package io.pabal.recovery;

/**
 * A recovery that stopped because Kafka or Redis did not answer, or answered unexpectedly. Work
 * done before it is kept.
 */
public final class RecoveryException extends RuntimeException {

  private static final long serialVersionUID = 1;

  /** A failure with a message for the operator. */
  public RecoveryException(String message) {
    super(message);
  }

  /** A failure with a message for the operator, and its cause. */
  public RecoveryException(String message, Throwable cause) {
    super(message, cause);
  }
}
