// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.foreground;

import io.pabal.command.ExitCode;
import io.pabal.command.UnreachableException;
import io.pabal.schemas.SchemaPendingException;
import io.pabal.schemas.registry.RegistryException;
import io.pabal.sessioncache.RedisUnavailableException;
import io.pabal.telemetry.KafkaProblem;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;

/** The exit code and the text of an exception, for operators. */
public final class Failure {

  private Failure() {}

  /** The exit code of a process that ends with {@code failure}. */
  public static int exitCodeOf(@Nullable Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (isOfServer(cause)) {
        return ExitCode.UNREACHABLE;
      }
    }
    return ExitCode.FAILED;
  }

  /** Whether a server could not be reached, did not answer in time, or refused. */
  private static boolean isOfServer(Throwable failure) {
    return switch (failure) {
      case InterruptException _, WakeupException _ -> false;
      case UnreachableException _,
          RedisUnavailableException _,
          RegistryException _,
          SchemaPendingException _,
          TimeoutException _,
          KafkaException _ ->
          true;
      default -> false;
    };
  }

  /**
   * The message of {@code failure} in one line, without the exceptions that wrap a failure on its
   * way between threads.
   */
  public static String messageOf(Throwable failure) {
    Throwable cause = failure.getCause();
    if (cause != null
        && (failure instanceof CompletionException || failure instanceof ExecutionException)) {
      return messageOf(cause);
    }
    if (failure instanceof KafkaException) {
      return "kafka: does not serve: %s".formatted(KafkaProblem.describe(failure));
    }
    String message = failure.getMessage();
    return message == null
        ? failure.getClass().getSimpleName()
        : message.strip().replaceAll("\\s*\\R\\s*", " ");
  }
}
