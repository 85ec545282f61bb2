// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.joran.spi.JoranException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.LoggerFactory;

/** Configures where the log is written: to stderr ({@code logback.xml}), or to a file. */
public final class Logs {

  /** The size of one of the three files that are kept: {@code pabal.log}, and two older ones. */
  private static final long FILE_BYTES_MAX = 32L << 20;

  /** How long a process that ends waits for its log, in seconds. */
  private static final long FLUSH_SECONDS_MAX = 2;

  private Logs() {}

  /**
   * Switches off the log of the clients of Kafka, Redis and the schema registry. For commands that
   * report connection problems themselves, in one line.
   */
  public static void quietClients() {
    LoggerContext context = context();
    context.getLogger("org.apache.kafka").setLevel(Level.OFF);
    context.getLogger("io.lettuce").setLevel(Level.OFF);
    context.getLogger("io.pabal.schemas.registry").setLevel(Level.OFF);
  }

  /**
   * Sends the log to {@code file} from now on; only warnings also go to stderr. Three files of
   * {@value #FILE_BYTES_MAX} bytes are kept.
   */
  public static void toFile(Path file) {
    configure(context(), file, FILE_BYTES_MAX);
  }

  static void configure(LoggerContext context, Path file, long fileBytesMax) {
    context.reset();
    context.putProperty("pabal.log", file.toString());
    context.putProperty("pabal.log.file.bytes", Long.toString(fileBytesMax));
    JoranConfigurator configurator = new JoranConfigurator();
    configurator.setContext(context);
    try {
      configurator.doConfigure(Logs.class.getResource("/logback-file.xml"));
    } catch (JoranException e) {
      throw new IllegalStateException("logging cannot be set up: " + e.getMessage(), e);
    }
  }

  /**
   * Waits until all logged lines are written, for at most {@value #FLUSH_SECONDS_MAX} s. For the
   * end of a process: call this method also before a halt, which runs no shutdown hooks.
   */
  public static void flush() {
    long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(FLUSH_SECONDS_MAX);
    for (QueueingAppender appender : queueing()) {
      appender.flush(deadlineNanos - System.nanoTime());
    }
  }

  private static Set<QueueingAppender> queueing() {
    Set<QueueingAppender> found = new LinkedHashSet<>();
    for (var logger : context().getLoggerList()) {
      Iterator<Appender<ILoggingEvent>> appenders = logger.iteratorForAppenders();
      while (appenders.hasNext()) {
        if (appenders.next() instanceof QueueingAppender appender) {
          found.add(appender);
        }
      }
    }
    return found;
  }

  private static LoggerContext context() {
    return (LoggerContext) LoggerFactory.getILoggerFactory();
  }
}
