// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.Appender;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogConfigurationTest {

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"/logback.xml", "/logback-file.xml"})
  void shouldQueueEveryLineOfEveryLogger(String configuration) throws Exception {
    LoggerContext context = new LoggerContext();
    context.setMDCAdapter(new LogbackMDCAdapter());
    context.putProperty("pabal.log", directory.resolve("pabal.log").toString());
    context.putProperty("pabal.log.file.bytes", "100000");
    JoranConfigurator configurator = new JoranConfigurator();
    configurator.setContext(context);
    configurator.doConfigure(Logs.class.getResource(configuration));
    try {
      List<Appender<ILoggingEvent>> appenders = new ArrayList<>();
      context
          .getLoggerList()
          .forEach(logger -> logger.iteratorForAppenders().forEachRemaining(appenders::add));

      assertThat(appenders).isNotEmpty().allMatch(QueueingAppender.class::isInstance);
    } finally {
      context.stop();
    }
  }
}
