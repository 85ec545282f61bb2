// SPDX-License-Identifier: Apache-2.0
package io.pabal.telemetry;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the process when the JVM itself is broken. To be asked by whoever catches a {@link
 * Throwable}: what else failed is contained where it was caught, but after the heap is exhausted
 * nobody knows what any thread has left undone.
 *
 * <p>Two errors of the JVM are contained all the same. A {@link StackOverflowError} is one call's
 * alone, and a client that provokes it must not end everybody's process. Direct memory (Netty's
 * own, or the JDK's) has a limit of its own, below which the heap is well.
 */
public final class FatalError {

  /** The exit code of a process that ended itself so. */
  public static final int EXIT_CODE = 70;

  private static final Logger log = LoggerFactory.getLogger(FatalError.class);
  private static final int CAUSES_MAX = 16;
  private static final String NETTY_DIRECT_MEMORY = "io.netty.util.internal.OutOfDirectMemoryError";

  private static volatile Runnable beforeHalt = () -> {};

  private FatalError() {}

  /**
   * Sets what runs between the log line and the end of the process, such as writing queued log
   * lines. It must return within a second or two, and may fail.
   */
  public static void beforeHalt(Runnable action) {
    beforeHalt = action;
  }

  /** Ends the process at once, without its shutdown hooks, if the JVM is broken. */
  public static void endProcessIf(Throwable failure) {
    if (isFatal(failure)) {
      try {
        log.error(
            "the process ends at once exitCode={} reason=\"{}\"", EXIT_CODE, failure, failure);
        beforeHalt.run();
      } finally {
        Runtime.getRuntime().halt(EXIT_CODE);
      }
    }
  }

  /** Whether {@code failure}, or what caused it, is direct memory that is exhausted. */
  public static boolean isOutOfDirectMemory(Throwable failure) {
    Throwable each = failure;
    for (int i = 0; each != null && i < CAUSES_MAX; i++, each = each.getCause()) {
      if (each instanceof OutOfMemoryError error && isDirect(error)) {
        return true;
      }
    }
    return false;
  }

  static boolean isFatal(Throwable failure) {
    Throwable each = failure;
    for (int i = 0; each != null && i < CAUSES_MAX; i++, each = each.getCause()) {
      if (each instanceof VirtualMachineError
          && !(each instanceof StackOverflowError)
          && !(each instanceof OutOfMemoryError error && isDirect(error))) {
        return true;
      }
    }
    return false;
  }

  private static boolean isDirect(OutOfMemoryError error) {
    String message = error.getMessage();
    return error.getClass().getName().equals(NETTY_DIRECT_MEMORY)
        || (message != null && message.contains("direct buffer memory"));
  }
}
