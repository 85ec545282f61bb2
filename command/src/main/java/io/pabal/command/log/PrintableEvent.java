// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.log;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.LoggingEvent;
import io.pabal.command.output.Printable;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;
import org.slf4j.helpers.MessageFormatter;

/**
 * A copy of a logging event that no layout can write as more than one line, stack trace aside: each
 * argument is escaped and cut at {@value Printable#CHARS_MAX} characters, then the whole text at
 * {@value #LINE_CHARS_MAX}, and each exception's message at {@value
 * PrintableThrowable#MESSAGE_CHARS_MAX}. Since the arguments are text already, it may be written
 * later and by another thread.
 */
final class PrintableEvent extends LoggingEvent {

  static final int LINE_CHARS_MAX = 4_096;

  private final @Nullable IThrowableProxy throwable;

  /** A copy of {@code event}, made on the thread that logs. */
  PrintableEvent(ILoggingEvent event) {
    setLevel(event.getLevel());
    setLoggerName(event.getLoggerName());
    setThreadName(Printable.of(event.getThreadName()));
    setInstant(event.getInstant());
    setMDCPropertyMap(Map.of());
    setMessage(Printable.of(text(event), LINE_CHARS_MAX));
    throwable = PrintableThrowable.of(event.getThrowableProxy());
  }

  @Override
  public @Nullable IThrowableProxy getThrowableProxy() {
    return throwable;
  }

  private static String text(ILoggingEvent event) {
    StringBuilder text = new StringBuilder(formatted(event.getMessage(), event.getArgumentArray()));
    if (event.getKeyValuePairs() != null) {
      for (KeyValuePair pair : event.getKeyValuePairs()) {
        text.append(' ').append(pair.key).append("=\"").append(printable(pair.value)).append('"');
      }
    }
    return text.toString();
  }

  private static String formatted(
      @Nullable String pattern, @Nullable Object @Nullable [] arguments) {
    if (pattern == null) {
      return "";
    }
    if (arguments == null || arguments.length == 0) {
      return pattern;
    }
    Object[] printable = new Object[arguments.length];
    for (int i = 0; i < arguments.length; i++) {
      printable[i] = printable(arguments[i]);
    }
    return MessageFormatter.basicArrayFormat(pattern, printable);
  }

  /** By the formatter, which also knows arrays and objects whose {@code toString} fails. */
  private static String printable(@Nullable Object argument) {
    return Printable.of(MessageFormatter.basicArrayFormat("{}", new Object[] {argument}));
  }
}
