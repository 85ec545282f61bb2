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
 * One Kafka node in this process: broker and controller in one (KRaft), its log on disk, listening
 * on loopback for any tool. Started again on the same directory it is the same cluster with the
 * same topics.
 *
 * <p>Kafka ends the process when it meets a fault that it cannot survive; here it completes {@link
 * #terminated()} instead. The hook for that is Kafka's own and one per process, so of several nodes
 * in one process the last one started is told.
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
   * Starts a node whose groups are quick, and returns when clients can use it. Blocks.
   *
   * @param dataDirectory is created, and formatted, when it is not yet
   * @param port the port on 127.0.0.1; 0 takes a free one
   * @throws IllegalStateException when the port is in use or Kafka does not start
   */
  public static EmbeddedKafka start(Path dataDirectory, int port) {
    return start(dataDirectory, port, GroupSettings.QUICK);
  }

  /** The same with other settings for consumer groups. */
  public static EmbeddedKafka start(Path dataDirectory, int port, GroupSettings groups) {
    return start(dataDirectory, port, groups, Map.of());
  }

  /** The same with further settings of the broker, which go before those that it has anyhow. */
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

  /** What clients give as {@code bootstrap.servers}. */
  public String bootstrapServers() {
    return "127.0.0.1:" + port;
  }

  /** The port on 127.0.0.1. */
  public int port() {
    return port;
  }

  /** Completes when the node is closed; completes exceptionally when it died by itself. */
  public CompletionStage<Void> terminated() {
    return terminated.minimalCompletionStage();
  }

  /** Stops the node. Blocks for a minute at most, on a machine that is very busy. */
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
