// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.foreground;

import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** What an operator reads of an exception. */
public final class Failure {

  private Failure() {}

  /** Its message, without the wrappers that it picked up between threads. */
  public static String messageOf(Throwable failure) {
    Throwable cause = failure.getCause();
    if (cause != null
        && (failure instanceof CompletionException || failure instanceof ExecutionException)) {
      return messageOf(cause);
    }
    String message = failure.getMessage();
    return message == null ? failure.getClass().getSimpleName() : message;
  }
}
