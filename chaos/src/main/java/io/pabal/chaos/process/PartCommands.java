// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.process;

import io.pabal.chaos.plan.ProcessKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;

/**
 * How each part is started: a JVM of its own on this one's class path, and for a role a
 * configuration file. Ports are chosen once, so that a part that is started again is found where it
 * was.
 */
public final class PartCommands {

  private static final List<String> JVM_OPTIONS =
      List.of(
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-XX:+UseCompactObjectHeaders",
          "-XX:+ExitOnOutOfMemoryError",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow");

  private static final String BROKER_HEAP = "-Xmx512m";
  private static final String ROLE_HEAP = "-Xmx256m";

  private static final int PARTITIONS = 6;
  private static final int APPEND_TIMEOUT_SECONDS = 10;

  /** Nobody reads it; several of one role run here, so each takes a port that is free. */
  private static final String HTTP =
      """
      http:
        port: 0
      """;

  private final Path directory;
  private final String mainClass;
  private final int timelineMessages;
  private final Map<ProcessKind, Integer> ports = new EnumMap<>(ProcessKind.class);

  /**
   * Commands for parts that keep their data below {@code directory}.
   *
   * @param mainClass the pabal command
   * @param timelineMessages messages that a timeline holds; what is older has to come from Kafka
   * @param freePort gives a TCP port that stays free while nobody listens on it
   */
  public PartCommands(
      Path directory, String mainClass, int timelineMessages, IntSupplier freePort) {
    this.directory = directory;
    this.mainClass = mainClass;
    this.timelineMessages = timelineMessages;
    for (ProcessKind part : ProcessKind.values()) {
      ports.put(part, freePort.getAsInt());
    }
  }

  /** Where a part listens on 127.0.0.1, if it does. */
  public int port(ProcessKind part) {
    return ports.getOrDefault(part, 0);
  }

  /** What Kafka clients are given as {@code bootstrap.servers}. */
  public String bootstrapServers() {
    return "127.0.0.1:" + port(ProcessKind.BROKER);
  }

  /** The words of the command that starts {@code part}; writes its configuration. */
  List<String> of(ProcessKind part) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add(part == ProcessKind.BROKER ? BROKER_HEAP : ROLE_HEAP);
    command.addAll(JVM_OPTIONS);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(GuardedMain.class.getName());
    command.add(mainClass);
    command.addAll(arguments(part));
    return command;
  }

  private List<String> arguments(ProcessKind part) throws IOException {
    return switch (part) {
      case BROKER -> server("broker", part);
      case REDIS -> server("redis", part);
      case TIMELINE -> role("timeline", part, timeline());
      case ROUTER_1, ROUTER_2 -> role("router", part, router(part));
      case CONNECTOR_1, CONNECTOR_2, CONNECTOR_3 -> role("connector", part, connector(part));
    };
  }

  private List<String> server(String command, ProcessKind part) {
    return List.of(
        command,
        "--data",
        directory.resolve(part.label()).toString(),
        "--port",
        Integer.toString(port(part)));
  }

  private List<String> role(String command, ProcessKind part, String config) throws IOException {
    Path file = directory.resolve(part.label() + ".yaml");
    Files.writeString(file, config + HTTP);
    return List.of(command, "--config", file.toString());
  }

  private String timeline() {
    return kafka()
        + topics()
        + redis()
        + """
        timeline:
          messagesPerAddressMax: %d
        """
            .formatted(timelineMessages);
  }

  private String router(ProcessKind part) {
    return kafka()
        + topics()
        + """
        router:
          stateDirectory: %s
          standbyReplicas: 1
        """
            .formatted(directory.resolve(part.label()));
  }

  private String connector(ProcessKind part) {
    return kafka()
        + "  appendTimeoutSeconds: %d%n".formatted(APPEND_TIMEOUT_SECONDS)
        + topics()
        + redis()
        + """
        connector:
          id: %s
        listener:
          port: %d
        """
            .formatted(part.label(), port(part));
  }

  private String kafka() {
    return """
        kafka:
          bootstrapServers: %s
        """
        .formatted(bootstrapServers());
  }

  private static String topics() {
    return """
        topics:
          partitions: %d
        """
        .formatted(PARTITIONS);
  }

  private String redis() {
    return """
        redis:
          uri: redis://127.0.0.1:%d
        """
        .formatted(port(ProcessKind.REDIS));
  }
}
