// SPDX-License-Identifier: Apache-2.0
package io.pabal.command;

import org.jspecify.annotations.Nullable;

/**
 * Kafka, Redis or an MQTT server does not answer. The message names the server, its address and the
 * remedy.
 */
public final class UnreachableException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Creates the exception with a message of one line. */
  public UnreachableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
