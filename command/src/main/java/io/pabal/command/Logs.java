// SPDX-License-Identifier: Apache-2.0
package io.pabal.command;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.core.joran.spi.JoranException;
import java.nio.file.Path;
import org.slf4j.LoggerFactory;

/** Where the log goes: to stderr ({@code logback.xml}), or to a file. */
public final class Logs {

  private Logs() {}

  /**
   * Takes away what the clients of Kafka, Redis and the registry say about connections, for
   * commands that say it themselves, in one line.
   */
  public static void quietClients() {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.getLogger("org.apache.kafka").setLevel(Level.OFF);
    context.getLogger("io.lettuce").setLevel(Level.OFF);
    context.getLogger("io.pabal.schemas.registry").setLevel(Level.OFF);
  }

  /** Sends the log to {@code file} from now on; only warnings also go to stderr. */
  public static void toFile(Path file) {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    context.putProperty("pabal.log", file.toString());
    JoranConfigurator configurator = new JoranConfigurator();
    configurator.setContext(context);
    try {
      configurator.doConfigure(Logs.class.getResource("/logback-file.xml"));
    } catch (JoranException e) {
      throw new IllegalStateException("logging cannot be set up: " + e.getMessage(), e);
    }
  }
}
