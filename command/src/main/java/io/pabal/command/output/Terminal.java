// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.output;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;

/** Whether somebody is looking. */
final class Terminal {

  private static final int STDERR = 2;

  private Terminal() {}

  /**
   * Whether what is written to stderr goes to a terminal. {@link java.io.Console} tells of stdin and
   * stdout only; {@code isatty} (POSIX) is asked instead, and where there is none, nobody looks.
   */
  @SuppressWarnings("restricted") // the launcher enables native access, Netty needs it as well
  static boolean isStderr() {
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
                return (int) isatty.invokeExact(STDERR) == 1;
              } catch (Throwable e) {
                throw new IllegalStateException("isatty cannot be called", e);
              }
            })
        .orElse(false);
  }
}
