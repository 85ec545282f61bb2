// SPDX-License-Identifier: Apache-2.0
package io.pabal.command;

/** What was asked for does not exist; the message says what does. */
public final class NotFoundException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** One line. */
  public NotFoundException(String message) {
    super(message);
  }
}
