// SPDX-License-Identifier: Apache-2.0
package io.pabal.command;

/** The command cannot start as it was called; the message says what to change. */
public final class UsageException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** What, the value, what was expected, what to do; several on lines of their own. */
  public UsageException(String message) {
    super(message);
  }
}
