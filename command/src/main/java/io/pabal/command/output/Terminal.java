// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.output;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;

/** Whether somebody is looking. */
final class Terminal {

  private static final int STDOUT = 1;
  private static final int STDERR = 2;

  private Terminal() {}

  /** Whether what is written to stdout goes to a terminal. */
  static boolean isStdout() {
    return isTerminal(STDOUT);
  }

  /** Whether what is written to stderr goes to a terminal. */
  static boolean isStderr() {
    return isTerminal(STDERR);
  }

  /**
   * {@link java.io.Console} tells of stdin and stdout together; {@code isatty} (POSIX) is asked
   * instead, and where there is none, nobody looks.
   */
  @SuppressWarnings("restricted") // the launcher enables native access, Netty needs it as well
  private static boolean isTerminal(int descriptor) {
    Linker linker = Linker.nativeLinker();
    return linker
        .defaultLookup()
        .find("isatty")
        .map(
            symbol ->
                linker.downcallHandle(
                    symbol, FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT)))
        .map(
            isatty -> {
              try {
                return (int) isatty.invokeExact(descriptor) == 1;
              } catch (Throwable e) {
                throw new IllegalStateException("isatty cannot be called", e);
              }
            })
        .orElse(false);
  }
}
