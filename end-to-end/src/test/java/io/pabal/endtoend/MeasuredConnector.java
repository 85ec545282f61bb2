// SPDX-License-Identifier: Apache-2.0
package io.pabal.endtoend;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
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
import java.time.Duration;

/**
 * The main class of a {@link ConnectorProcess}. Prints its port on standard output, answers every
 * line of standard input with one line, and ends with its input.
 *
 * <p>{@code memory} is answered by the bytes in use on the heap and outside of it, {@code append}
 * by the bytes of messages that wait for Kafka.
 */
final class MeasuredConnector {

  /** Longer than any test: none waits for a message to fail here. */
  private static final Duration APPEND_TIMEOUT = Duration.ofMinutes(20);

  private MeasuredConnector() {}

  public static void main(String[] args) throws IOException {
    PrintStream answers = System.out;
    System.setOut(System.err); // where the log goes
    var config =
        new ConnectorConfig(
            args[0],
            new ConnectorConfig.Listener("127.0.0.1", 0, true),
            kafka(args[1], Long.parseLong(args[3])),
            URI.create(args[2]),
            ConnectorConfig.Limits.defaults());
    var registry = new SimpleMeterRegistry();
    try (Connector connector = Connector.start(config);
        var questions =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      connector.bindTo(registry);
      answers.println(connector.address().getPort());
      for (String line = questions.readLine(); line != null; line = questions.readLine()) {
        answers.println(
            switch (line) {
              case ConnectorProcess.MEMORY -> heapBytes() + " " + directBytes();
              case ConnectorProcess.APPEND -> appendBytes(registry);
              default -> throw new IllegalArgumentException(line);
            });
      }
    }
  }

  /** The defaults, but for the bytes on their way and the time that an outage may take. */
  private static ConnectorConfig.Kafka kafka(String bootstrapServers, long appendBytesMax) {
    var defaults = ConnectorConfig.Kafka.defaults(bootstrapServers);
    return new ConnectorConfig.Kafka(
        bootstrapServers,
        defaults.topics(),
        defaults.deliveryPartitions(),
        defaults.replicationFactor(),
        APPEND_TIMEOUT,
        appendBytesMax,
        defaults.locationRefresh());
  }

  private static String appendBytes(SimpleMeterRegistry registry) {
    return Long.toString((long) registry.get("pabal.connector.append.bytes").gauge().value());
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
