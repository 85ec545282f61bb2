// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.process;

import io.pabal.chaos.plan.ProcessKind;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The command of each part: a JVM of its own with this JVM's class path, and a configuration file
 * for a role. Ports are chosen once, so a part that is started again listens on the port that it
 * had before.
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

  /** The HTTP endpoint is not used. Several parts have one role, so each part takes a free port. */
  private static final String HTTP =
      """
      http:
        port: 0
      """;

  private final Path directory;
  private final String mainClass;
  private final int timelineMessages;
  private final @Nullable URI redisCluster;
  private final Map<ProcessKind, Integer> ports = new EnumMap<>(ProcessKind.class);

  /**
   * Commands for parts that store their data below {@code directory}.
   *
   * @param mainClass the main class of the pabal command
   * @param timelineMessages messages that a timeline holds; older messages must be read from Kafka
   * @param redisCluster the URI of a Redis Cluster; null: one Redis is a part
   * @param freePort gives a TCP port that stays free until a process listens on it
   */
  public PartCommands(
      Path directory,
      String mainClass,
      int timelineMessages,
      @Nullable URI redisCluster,
      IntSupplier freePort) {
    this.directory = directory;
    this.mainClass = mainClass;
    this.timelineMessages = timelineMessages;
    this.redisCluster = redisCluster;
    for (ProcessKind part : ProcessKind.onOneRedis()) {
      ports.put(part, freePort.getAsInt());
    }
  }

  /** The port on 127.0.0.1 that is reserved for a part. */
  public int port(ProcessKind part) {
    return ports.getOrDefault(part, 0);
  }

  /** The value of {@code bootstrap.servers} for Kafka clients. */
  public String bootstrapServers() {
    return "127.0.0.1:" + port(ProcessKind.BROKER);
  }

  /** Writes the configuration file of {@code part}, and returns the command that starts it. */
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
      case REDIS_1, REDIS_2, REDIS_3 ->
          throw new IllegalArgumentException(part.label() + " is no process of its own");
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
          uri: %s
        """
        .formatted(
            redisCluster == null
                ? "redis://127.0.0.1:" + port(ProcessKind.REDIS)
                : redisCluster.toString());
  }
}
