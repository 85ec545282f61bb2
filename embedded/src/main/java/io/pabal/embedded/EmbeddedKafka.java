// SPDX-License-Identifier: Apache-2.0
package io.pabal.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.utils.Exit;
import org.apache.kafka.common.utils.Time;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One Kafka node in this process: both broker and controller (KRaft), with its log on disk. It
 * listens on loopback, so any tool can connect. A node that is started again on the same directory
 * is the same cluster with the same topics.
 *
 * <p>By default, Kafka ends the process at a fatal fault. Here such a fault completes {@link
 * #terminated()} exceptionally instead. The hook for this is Kafka's, and there is one per process.
 * So with several nodes in one process, a fault of any node completes {@code terminated()} of the
 * node that was started last.
 */
public final class EmbeddedKafka implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(EmbeddedKafka.class);
  private static final long CLOSE_TIMEOUT_SECONDS = 60;

  private final KafkaRaftServer server;
  private final int port;
  private final CompletableFuture<Void> terminated;

  private EmbeddedKafka(KafkaRaftServer server, int port, CompletableFuture<Void> terminated) {
    this.server = server;
    this.port = port;
    this.terminated = terminated;
  }

  /**
   * Starts a node with {@link GroupSettings#QUICK} and returns when clients can use it. Blocks.
   *
   * @param dataDirectory is created if it is missing, and formatted if it is new
   * @param port the port on 127.0.0.1; 0: a free port
   * @throws IllegalStateException when the port is in use or Kafka does not start
   */
  public static EmbeddedKafka start(Path dataDirectory, int port) {
    return start(dataDirectory, port, GroupSettings.QUICK);
  }

  /** Starts a node as {@link #start(Path, int)} does, with other settings for consumer groups. */
  public static EmbeddedKafka start(Path dataDirectory, int port, GroupSettings groups) {
    return start(dataDirectory, port, groups, Map.of());
  }

  /**
   * Starts a node as {@link #start(Path, int, GroupSettings)} does, with further settings.
   *
   * @param settings Kafka's broker settings; they override the node's default settings
   */
  public static EmbeddedKafka start(
      Path dataDirectory, int port, GroupSettings groups, Map<String, String> settings) {
    int brokerPort = FreePort.choose("Kafka", port);
    Path directory = dataDirectory.toAbsolutePath();
    try {
      Files.createDirectories(directory);
      BrokerStorage.formatIfNew(directory);
    } catch (IOException e) {
      throw new IllegalStateException("Kafka cannot use " + directory + ": " + e.getMessage(), e);
    }
    CompletableFuture<Void> terminated = new CompletableFuture<>();
    terminateInsteadOfExit(terminated);
    Properties all = BrokerSettings.of(directory, brokerPort, FreePort.find(), groups);
    all.putAll(settings);
    var config = KafkaConfig.fromProps(all, false);
    KafkaRaftServer server = new KafkaRaftServer(config, Time.SYSTEM);
    EmbeddedKafka kafka = new EmbeddedKafka(server, brokerPort, terminated);
    try {
      server.startup();
    } catch (RuntimeException e) {
      kafka.close();
      throw new IllegalStateException("Kafka did not start: " + e.getMessage(), e);
    }
    return kafka;
  }

  /** The value of {@code bootstrap.servers} for clients. */
  public String bootstrapServers() {
    return "127.0.0.1:" + port;
  }

  /** The port on 127.0.0.1. */
  public int port() {
    return port;
  }

  /** Completes when the node is closed; completes exceptionally when the node fails. */
  public CompletionStage<Void> terminated() {
    return terminated.minimalCompletionStage();
  }

  /** Stops the node. Blocks, for at most a minute. */
  @Override
  public void close() {
    terminated.complete(null);
    CompletableFuture<Void> stopped =
        CompletableFuture.runAsync(
                server::shutdown, Thread.ofPlatform().daemon().name("kafka-close")::start)
            .thenRun(server::awaitShutdown);
    try {
      stopped.get(CLOSE_TIMEOUT_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException | ExecutionException e) {
      log.warn("kafka not stopped cleanly port={} reason={}", port, e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void terminateInsteadOfExit(CompletableFuture<Void> terminated) {
    Exit.Procedure procedure =
        (status, message) ->
            terminated.completeExceptionally(
                new IllegalStateException(
                    "Kafka gave up with status "
                        + status
                        + (message == null ? "" : ": " + message)));
    Exit.setExitProcedure(procedure);
    Exit.setHaltProcedure(procedure);
  }
}
