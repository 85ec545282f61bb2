// SPDX-License-Identifier: Apache-2.0
package io.pabal.command;

/** The requested object does not exist. The message names the objects that exist. */
public final class NotFoundException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Creates the exception with a message of one line. */
  public NotFoundException(String message) {
    super(message);
  }
}
