// SPDX-License-Identifier: Apache-2.0
package io.pabal.command;

import org.jspecify.annotations.Nullable;

/**
 * Kafka, Redis or an MQTT server does not answer; the message says which, where, and what to do.
 */
public final class UnreachableException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** One line. */
  public UnreachableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
