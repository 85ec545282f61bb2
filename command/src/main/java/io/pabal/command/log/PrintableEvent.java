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
 * A copy of a logging event that every layout writes as one line, apart from the stack trace. Each
 * argument is escaped and cut at {@value Printable#CHARS_MAX} characters, then the whole text at
 * {@value #LINE_CHARS_MAX}. The message of each exception is escaped and cut at {@value
 * PrintableThrowable#MESSAGE_CHARS_MAX} characters. The arguments are already text, so another
 * thread may write the event later.
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

  /**
   * Returns the text of an argument by SLF4J's formatter, which also handles arrays and objects
   * whose {@code toString} fails.
   */
  private static String printable(@Nullable Object argument) {
    return Printable.of(MessageFormatter.basicArrayFormat("{}", new Object[] {argument}));
  }
}
