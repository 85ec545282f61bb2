// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.config;

import org.jspecify.annotations.Nullable;

/** The router could not start, or has stopped for good. */
public final class RouterException extends RuntimeException {

  /**
   * An exception for the operator.
   *
   * @param message the problem and its remedy
   * @param cause null: none
   */
  public RouterException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
