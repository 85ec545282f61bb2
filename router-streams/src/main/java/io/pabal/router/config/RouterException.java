// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.config;

import org.jspecify.annotations.Nullable;

/** The router could not start, or has stopped for good. */
public final class RouterException extends RuntimeException {

  /** Says what happened and what to do, and what caused it. */
  public RouterException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
