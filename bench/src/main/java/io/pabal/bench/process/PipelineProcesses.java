// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;

/**
 * A whole pipeline: broker, Redis, timeline writer, router and connectors, each a process of its
 * own on loopback. Used by one thread.
 */
public final class PipelineProcesses implements AutoCloseable {

  /** No client uses this port. Several processes of a role run here, so each takes a free one. */
  private static final String HTTP =
      """
      http:
        port: 0
      """;

  private static final String BROKER_HEAP = "1g";
  private static final String ROLE_HEAP = "768m";
  private static final int PARTITIONS = 6;

  private final String mainClass;
  private final Path directory;
  private final IntSupplier freePort;
  private final int brokerPort;
  private final int redisPort;
  private final Map<String, ChildJvm> parts = new LinkedHashMap<>();
  private final Map<String, ConnectorPart> connectors = new LinkedHashMap<>();

  private static final class ConnectorPart {
    final String id;
    final int port;
    final String keys;
    ChildJvm process;
    int starts = 1;

    ConnectorPart(String id, int port, String keys, ChildJvm process) {
      this.id = id;
      this.port = port;
      this.keys = keys;
      this.process = process;
    }
  }

  private PipelineProcesses(String mainClass, Path directory, IntSupplier freePort) {
    this.mainClass = mainClass;
    this.directory = directory;
    this.freePort = freePort;
    this.brokerPort = freePort.getAsInt();
    this.redisPort = freePort.getAsInt();
  }

  /**
   * Starts everything but connectors, and waits until it is ready. Blocks.
   *
   * @param mainClass the class of the {@code pabal} command
   * @param directory for data, configurations and logs; new or empty
   * @param freePort gives a TCP port that stays free while nobody listens on it
   */
  public static PipelineProcesses start(String mainClass, Path directory, IntSupplier freePort)
      throws Exception {
    Files.createDirectories(directory);
    var pipeline = new PipelineProcesses(mainClass, directory, freePort);
    try {
      pipeline.server("broker", pipeline.brokerPort, BROKER_HEAP);
      pipeline.server("redis", pipeline.redisPort, "64m");
      pipeline.awaitReady();
      pipeline.role("timeline", pipeline.kafka() + pipeline.redis());
      pipeline.role("router", pipeline.kafka() + pipeline.router());
      pipeline.awaitReady();
      return pipeline;
    } catch (Exception e) {
      pipeline.close();
      throw e;
    }
  }

  /**
   * Starts a connector, and waits until it is ready. Blocks.
   *
   * @param keys of its configuration, besides those that every connector here has
   */
  public void addConnector(String id, String keys) throws Exception {
    int port = freePort.getAsInt();
    connectors.put(id, new ConnectorPart(id, port, keys, startConnector(id, port, keys, 1)));
    awaitReady(id);
  }

  /** The port of a connector, the same in all its lives. */
  public int port(String id) {
    return connector(id).port;
  }

  /** The process of a connector, in its present life. */
  public ChildJvm process(String id) {
    return connector(id).process;
  }

  /** Starts a connector again that was ended, and waits until it is ready. Blocks. */
  public void restart(String id) throws Exception {
    ConnectorPart part = connector(id);
    part.process.awaitEnd();
    part.process = startConnector(part.id, part.port, part.keys, ++part.starts);
    awaitReady(id);
  }

  /** Everything that is no connector, by name. */
  public Map<String, ChildJvm> parts() {
    return Collections.unmodifiableMap(parts);
  }

  /** Where Redis listens. */
  public int redisPort() {
    return redisPort;
  }

  /** Writes the configuration of a connector that the caller runs. */
  public Path connectorConfig(String id, String keys) throws IOException {
    return writtenConnector(id, freePort.getAsInt(), keys);
  }

  @Override
  public void close() {
    connectors.values().forEach(part -> part.process.close());
    List.copyOf(parts.values()).reversed().forEach(ChildJvm::close);
  }

  private ConnectorPart connector(String id) {
    ConnectorPart part = connectors.get(id);
    if (part == null) {
      throw new IllegalArgumentException(
          "connector: %s (expected: one of %s)".formatted(id, connectors.keySet()));
    }
    return part;
  }

  private void awaitReady(String connectorId) throws Exception {
    Await.until("connector " + connectorId, () -> process(connectorId).isReady());
  }

  private void awaitReady() throws Exception {
    for (ChildJvm part : parts.values()) {
      Await.until("a part of the pipeline", part::isReady);
    }
  }

  private void server(String command, int port, String heap) throws IOException {
    start(
        command,
        heap,
        List.of(
            command,
            "--port",
            Integer.toString(port),
            "--data",
            directory.resolve(command).toString()));
  }

  private void role(String role, String config) throws IOException {
    start(role, ROLE_HEAP, List.of(role, "--config", written(role, config).toString()));
  }

  private void start(String name, String heap, List<String> arguments) throws IOException {
    parts.put(name, ChildJvm.start(mainClass, directory.resolve(name + ".log"), heap, arguments));
  }

  private ChildJvm startConnector(String id, int port, String keys, int start) throws IOException {
    return ChildJvm.start(
        mainClass,
        directory.resolve("%s.%d.log".formatted(id, start)),
        ROLE_HEAP,
        List.of("connector", "--config", writtenConnector(id, port, keys).toString()));
  }

  private Path writtenConnector(String id, int port, String keys) throws IOException {
    return written(
        id,
        kafka()
            + redis()
            + """
            connector:
              id: %s
            listener:
              port: %d
            """
                .formatted(id, port)
            + keys);
  }

  private Path written(String name, String config) throws IOException {
    return Files.writeString(directory.resolve(name + ".yaml"), config + HTTP);
  }

  private String kafka() {
    return """
        kafka:
          bootstrapServers: 127.0.0.1:%d
        topics:
          partitions: %d
        """
        .formatted(brokerPort, PARTITIONS);
  }

  private String redis() {
    return """
        redis:
          uri: redis://127.0.0.1:%d
        """
        .formatted(redisPort);
  }

  private String router() {
    return """
        router:
          stateDirectory: %s
          standbyReplicas: 0
        """
        .formatted(directory.resolve("router"));
  }
}
