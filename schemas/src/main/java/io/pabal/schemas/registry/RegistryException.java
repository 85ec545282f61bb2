// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas.registry;

/**
 * The schema registry cannot be used: the text says what it is, what was expected and what to do.
 */
public final class RegistryException extends RuntimeException {

  RegistryException(String message) {
    super(message);
  }

  RegistryException(String message, Throwable cause) {
    super(message, cause);
  }
}
