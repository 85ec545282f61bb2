// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.foreground;

import io.pabal.command.ExitCode;
import io.pabal.schemas.SchemaPendingException;
import io.pabal.schemas.registry.RegistryException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** What an operator reads of an exception. */
public final class Failure {

  private Failure() {}

  /** The exit code that it comes to. */
  public static int exitCodeOf(@Nullable Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof RegistryException || cause instanceof SchemaPendingException) {
        return ExitCode.UNREACHABLE;
      }
    }
    return ExitCode.FAILED;
  }

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
