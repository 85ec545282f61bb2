// SPDX-License-Identifier: Apache-2.0
package io.pabal.endtoend;

import io.pabal.connector.Connector;
import io.pabal.connector.ConnectorConfig;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/**
 * The main class of a {@link ConnectorProcess}. Says its port on standard output, answers every
 * line of standard input with what it holds in memory, and ends with its input.
 */
final class MeasuredConnector {

  private MeasuredConnector() {}

  public static void main(String[] args) throws IOException {
    PrintStream answers = System.out;
    System.setOut(System.err); // where the log goes
    var config =
        new ConnectorConfig(
            args[0],
            new ConnectorConfig.Listener("127.0.0.1", 0, true),
            ConnectorConfig.Kafka.defaults(args[1]),
            URI.create(args[2]),
            ConnectorConfig.Limits.defaults());
    try (Connector connector = Connector.start(config);
        var questions =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      answers.println(connector.address().getPort());
      while (questions.readLine() != null) {
        answers.println(heapBytes() + " " + directBytes());
      }
    }
  }

  private static long heapBytes() {
    // Twice: what a reference queue keeps is let go after the first.
    System.gc();
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  private static long directBytes() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .mapToLong(BufferPoolMXBean::getMemoryUsed)
        .sum();
  }
}
