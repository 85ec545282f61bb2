// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.log;

import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.StackTraceElementProxy;
import io.pabal.command.output.Printable;
import org.jspecify.annotations.Nullable;

/**
 * An exception whose message is escaped and cut, and so are the messages of its causes and of its
 * suppressed exceptions.
 */
record PrintableThrowable(IThrowableProxy original) implements IThrowableProxy {

  static final int MESSAGE_CHARS_MAX = 1_024;

  private static final IThrowableProxy[] NONE = {};

  static @Nullable IThrowableProxy of(@Nullable IThrowableProxy original) {
    return original == null ? null : new PrintableThrowable(original);
  }

  @Override
  public @Nullable String getMessage() {
    String message = original.getMessage();
    return message == null ? null : Printable.of(message, MESSAGE_CHARS_MAX);
  }

  @Override
  public String getClassName() {
    return original.getClassName();
  }

  @Override
  public StackTraceElementProxy[] getStackTraceElementProxyArray() {
    return original.getStackTraceElementProxyArray();
  }

  @Override
  public int getCommonFrames() {
    return original.getCommonFrames();
  }

  @Override
  public @Nullable IThrowableProxy getCause() {
    return of(original.getCause());
  }

  @Override
  public IThrowableProxy[] getSuppressed() {
    IThrowableProxy[] suppressed = original.getSuppressed();
    if (suppressed == null) {
      return NONE;
    }
    IThrowableProxy[] printable = new IThrowableProxy[suppressed.length];
    for (int i = 0; i < suppressed.length; i++) {
      printable[i] = new PrintableThrowable(suppressed[i]);
    }
    return printable;
  }

  @Override
  public boolean isCyclic() {
    return original.isCyclic();
  }
}
