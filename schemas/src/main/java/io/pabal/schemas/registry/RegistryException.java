// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas.registry;

/**
 * The schema registry cannot be used. The message says what is wrong, what was expected and what to
 * do.
 */
public final class RegistryException extends RuntimeException {

  RegistryException(String message) {
    super(message);
  }

  RegistryException(String message, Throwable cause) {
    super(message, cause);
  }
}
