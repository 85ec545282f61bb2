// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.output;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;

/** Tells whether stdout and stderr are terminals. */
final class Terminal {

  private static final int STDOUT = 1;
  private static final int STDERR = 2;

  private Terminal() {}

  /** Whether stdout is a terminal. */
  static boolean isStdout() {
    return isTerminal(STDOUT);
  }

  /** Whether stderr is a terminal. */
  static boolean isStderr() {
    return isTerminal(STDERR);
  }

  /**
   * Calls {@code isatty} (POSIX), because {@link java.io.Console} covers stdin and stdout only
   * together. On a system without {@code isatty}, the answer is false.
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
