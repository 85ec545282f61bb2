// SPDX-License-Identifier: Apache-2.0
package io.pabal.command;

/** The command cannot start as it was called; the message says what to change. */
public final class UsageException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception. The message names the flag or key, its value, the expected value and the
   * remedy. Each of several problems has its own line.
   */
  public UsageException(String message) {
    super(message);
  }
}
