// SPDX-License-Identifier: Apache-2.0
package io.pabal.embedded.cluster;

import io.pabal.embedded.EmbeddedRedis;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A real Redis Cluster on loopback: primaries that share the slots, and replicas of each. Each node
 * is an {@link EmbeddedRedis} in a directory of its own below the data directory. A cluster that is
 * started again on the same directory has the same nodes, slots and keys.
 *
 * <p>A node names itself by its port, which it keeps as long as the cluster runs. A primary that
 * ends is replaced by a replica within about three seconds. A node that ends by itself is started
 * again some seconds later. Safe for use by many threads.
 */
public final class EmbeddedRedisCluster implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(EmbeddedRedisCluster.class);

  /** How long a node must not answer until the others believe that it failed. */
  private static final int NODE_TIMEOUT_MILLIS = 1_000;

  private static final long READY_TIMEOUT_SECONDS = 120;
  private static final long POLL_MILLIS = 50;

  /** A second longer than Redis gives a hand-over. */
  private static final long FAILOVER_NANOS = TimeUnit.SECONDS.toNanos(6);

  /** The file that says that the cluster was created, and its layout. */
  private static final String LAYOUT_FILE = "cluster";

  private final ClusterLayout layout;
  private final List<NodeProcess> nodes;
  private final CompletableFuture<Void> terminated;

  private EmbeddedRedisCluster(
      ClusterLayout layout, List<NodeProcess> nodes, CompletableFuture<Void> terminated) {
    this.layout = layout;
    this.nodes = nodes;
    this.terminated = terminated;
  }

  /**
   * Starts all nodes and returns when the cluster is ready: each node serves or knows all slots,
   * and each replica is connected. Blocks.
   *
   * @param dataDirectory is created if it is missing
   * @throws IllegalStateException when a port is not free, the directory holds a cluster with other
   *     numbers of nodes, or the cluster does not become ready
   */
  public static EmbeddedRedisCluster start(Path dataDirectory, ClusterLayout layout) {
    Path directory = dataDirectory.toAbsolutePath().normalize();
    try {
      Files.createDirectories(directory);
      checkLayout(directory, layout);
      endLeftBehind(directory);
      boolean created = Files.exists(directory.resolve(LAYOUT_FILE));
      List<Path> directories = directories(directory, layout);
      if (!created) {
        for (Path unfinished : directories) {
          Files.deleteIfExists(unfinished.resolve("nodes.conf"));
        }
      }
      CompletableFuture<Void> terminated = new CompletableFuture<>();
      EmbeddedRedisCluster cluster =
          new EmbeddedRedisCluster(layout, processes(directories, layout, terminated), terminated);
      try {
        inParallel(cluster.nodes, NodeProcess::start);
        cluster.join(created);
      } catch (IOException | RuntimeException e) {
        cluster.close();
        throw e;
      }
      Files.writeString(directory.resolve(LAYOUT_FILE), layout + "\n");
      return cluster;
    } catch (IOException e) {
      throw new IllegalStateException("Redis Cluster did not start: " + e.getMessage(), e);
    }
  }

  /**
   * Ends the servers that a killed process left behind on {@code dataDirectory}, so that their
   * ports are free. Blocks, for at most 20 s for each server.
   *
   * @throws IOException when another process uses the directory, or a server does not end
   */
  public static void endLeftBehind(Path dataDirectory) throws IOException {
    if (!Files.isDirectory(dataDirectory)) {
      return;
    }
    List<Path> nodes;
    try (Stream<Path> all = Files.list(dataDirectory)) {
      nodes = all.filter(path -> Files.exists(path.resolve("redis.conf"))).sorted().toList();
    }
    for (Path node : nodes) {
      EmbeddedRedis.endLeftBehind(node);
    }
  }

  /**
   * The numbers of nodes of the cluster that was made on {@code dataDirectory}, as text like {@link
   * ClusterLayout#toString}; empty when none was.
   */
  public static Optional<String> madeOn(Path dataDirectory) throws IOException {
    Path file = dataDirectory.resolve(LAYOUT_FILE);
    return Files.exists(file) ? Optional.of(Files.readString(file).strip()) : Optional.empty();
  }

  /** The URI for clients, {@code redis-cluster://127.0.0.1:port,127.0.0.1:port,...}. */
  public URI uri() {
    return URI.create(
        ports().stream()
            .map(port -> "127.0.0.1:" + port)
            .collect(Collectors.joining(",", "redis-cluster://", "")));
  }

  /** The ports of all nodes, in the order in which the nodes were created. */
  public List<Integer> ports() {
    return nodes.stream().map(NodeProcess::port).toList();
  }

  /**
   * All nodes with their roles and slots, by the newest view that any node has. Blocks; a frozen
   * node is asked for at most a second.
   *
   * @throws IOException when no node says that the cluster serves
   */
  public List<ClusterNode> nodes() throws IOException {
    return ClusterView.newest(runningPorts()).nodes();
  }

  /** The primary that serves the slot. */
  public ClusterNode primaryOf(int slot) throws IOException {
    return nodes().stream()
        .filter(node -> node.serves(slot))
        .findFirst()
        .orElseThrow(() -> new IOException("slot %d is served by no node".formatted(slot)));
  }

  /**
   * Whether other nodes serve all slots, and the node {@code id} none. Blocks; a frozen node is
   * asked for at most a second.
   */
  public boolean isReplaced(String id) {
    List<ClusterNode> serving = ClusterView.servingNodes(runningPorts());
    return serving.stream().noneMatch(node -> node.id().equals(id))
        && serving.stream().mapToInt(ClusterNode::slotCount).sum() >= SlotRange.SLOTS;
  }

  /** Whether a node's process runs. */
  public boolean runs(int port) {
    return node(port).server() != null;
  }

  /** The process id of a node. */
  public long pid(int port) {
    EmbeddedRedis server = node(port).server();
    if (server == null) {
      throw new IllegalStateException("Redis node %d: down (expected: running)".formatted(port));
    }
    return server.pid();
  }

  /** Kills a node with SIGKILL; it stays down until {@link #startAgain}. Blocks until it ended. */
  public void kill(int port) {
    node(port).kill();
  }

  /** Stops a node with SIGTERM; it stays down until {@link #startAgain}. Blocks until it ended. */
  public void stop(int port) {
    node(port).stop();
  }

  /** Kills all nodes with SIGKILL. Blocks until they ended. */
  public void killAll() {
    inParallel(nodes, NodeProcess::kill);
  }

  /** Starts a node that is down, and returns when it answers. Blocks. */
  public void startAgain(int port) {
    node(port).start();
  }

  /** Stops a node's process with SIGSTOP: its kernel takes bytes, and it runs no command. */
  public void freeze(int port) throws IOException {
    node(port).signal("STOP");
  }

  /** Continues a frozen node. */
  public void thaw(int port) throws IOException {
    node(port).signal("CONT");
  }

  /**
   * Makes a replica the primary, without loss: the old primary hands over. Blocks until it has. The
   * nodes give up a hand-over that takes longer than 5 s; it is then begun again.
   *
   * @throws IOException when the replica does not become the primary within 2 minutes
   */
  public void failover(int replicaPort) throws IOException {
    AtomicLong beganNanos = new AtomicLong(System.nanoTime() - FAILOVER_NANOS);
    await(
        "handed over",
        () -> {
          if (ClusterSetup.isPrimary(replicaPort)) {
            return true;
          }
          if (System.nanoTime() - beganNanos.get() >= FAILOVER_NANOS) {
            beganNanos.set(System.nanoTime());
            RedisConsole.ask(replicaPort, "CLUSTER", "FAILOVER");
          }
          return false;
        });
  }

  /**
   * Moves slots with their keys to the primary on {@code targetPort}, while clients use them; slots
   * that it already serves stay. Blocks. A move that failed is finished by the same move again.
   *
   * @throws IOException when a node does not answer, or refuses a step
   */
  public void moveSlots(SlotRange range, int targetPort) throws IOException {
    ClusterNode target =
        nodes().stream()
            .filter(node -> node.port() == targetPort && node.isPrimary())
            .findFirst()
            .orElseThrow(
                () -> new IOException("node %d (expected: a primary)".formatted(targetPort)));
    // Each node is asked for its own slots. The target of a move that failed believes that the
    // source serves the slot until the move is finished, even when the source was replaced.
    for (ClusterNode source : ClusterView.servingNodes(runningPorts())) {
      if (source.port() != targetPort && range.slots().anyMatch(source::serves)) {
        SlotMove.run(range, source, target);
      }
    }
    await("told of the move", () -> range.slots().allMatch(node(nodes(), target.id())::serves));
  }

  /**
   * Whether all nodes run and agree that all slots are served, and all replicas are connected to a
   * primary of their group. A replica of another group is requested to come back to its own.
   */
  public boolean isReady() {
    try {
      return isReadyNow();
    } catch (IOException e) {
      log.debug("cluster not ready", e);
      return false;
    }
  }

  /**
   * Waits until {@link #isReady}. Blocks.
   *
   * @throws IllegalStateException when the cluster is not ready after two minutes
   */
  public void awaitReady() {
    try {
      await("ready", this::isReadyNow);
    } catch (IOException e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
  }

  /**
   * Completes when the cluster is closed; completes exceptionally when a node that ended by itself
   * cannot be started again.
   */
  public CompletionStage<Void> terminated() {
    return terminated.minimalCompletionStage();
  }

  /** Stops all nodes, which write all their data first. Blocks, for at most 40 s. */
  @Override
  public void close() {
    terminated.complete(null);
    List<Integer> replicas = replicas();
    // A replica that outlives its primary for long enough would take over.
    inParallel(
        nodes.stream().filter(node -> replicas.contains(node.port())).toList(), NodeProcess::close);
    inParallel(nodes, NodeProcess::close);
  }

  private void join(boolean created) throws IOException {
    if (!created) {
      ClusterSetup.assignSlots(layout, ports());
    }
    ClusterSetup.meet(ports());
    await("connected", () -> ClusterSetup.haveMet(ports()));
    if (!created) {
      ClusterSetup.assignReplicas(layout, ports());
    }
    await("ready", this::isReadyNow);
  }

  /**
   * A node joins the primary that took its last slot. When a slot moved and the rest went to the
   * replica, that may be a primary of another group, and its own primary is left without a replica.
   */
  private boolean isReadyNow() throws IOException {
    return ClusterSetup.isReady(ports()) && ClusterSetup.haveOwnReplicas(layout, ports());
  }

  private List<Integer> replicas() {
    try {
      return nodes().stream().filter(node -> !node.isPrimary()).map(ClusterNode::port).toList();
    } catch (IOException e) {
      log.debug("roles not known at the end", e);
      return List.of();
    }
  }

  private static ClusterNode node(List<ClusterNode> nodes, String id) throws IOException {
    return nodes.stream()
        .filter(node -> node.id().equals(id))
        .findFirst()
        .orElseThrow(() -> new IOException("node %s is not in the cluster".formatted(id)));
  }

  private List<Integer> runningPorts() {
    return nodes.stream().filter(node -> node.server() != null).map(NodeProcess::port).toList();
  }

  private NodeProcess node(int port) {
    return nodes.stream()
        .filter(node -> node.port() == port)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no node has port " + port));
  }

  private interface Condition {
    boolean isTrue() throws IOException;
  }

  private static void await(String state, Condition condition) throws IOException {
    long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(READY_TIMEOUT_SECONDS);
    IOException failure = null;
    while (System.nanoTime() < deadlineNanos) {
      try {
        if (condition.isTrue()) {
          return;
        }
        Thread.sleep(POLL_MILLIS);
      } catch (IOException e) {
        failure = e;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted while waiting for the nodes", e);
      }
    }
    throw new IOException(
        "nodes not %s after %d s".formatted(state, READY_TIMEOUT_SECONDS), failure);
  }

  private static List<NodeProcess> processes(
      List<Path> directories, ClusterLayout layout, CompletableFuture<Void> terminated)
      throws IOException {
    List<Integer> ports = ClusterPorts.choose(layout, directories);
    List<String> settings = new ArrayList<>(clusterSettings());
    settings.addAll(layout.settings());
    return IntStream.range(0, directories.size())
        .mapToObj(
            index ->
                new NodeProcess(
                    directories.get(index),
                    ports.get(index),
                    settings,
                    terminated::completeExceptionally))
        .toList();
  }

  /**
   * A replica asks for all data at once and without a file. The default waits 5 s for further
   * replicas.
   */
  private static List<String> clusterSettings() {
    return List.of(
        "cluster-enabled yes",
        "cluster-config-file nodes.conf",
        "cluster-node-timeout " + NODE_TIMEOUT_MILLIS,
        "cluster-require-full-coverage no",
        "repl-diskless-sync yes",
        "repl-diskless-sync-delay 0",
        "repl-backlog-size 16mb");
  }

  private static List<Path> directories(Path directory, ClusterLayout layout) {
    return IntStream.rangeClosed(1, layout.nodes())
        .mapToObj(number -> directory.resolve("node-" + number))
        .toList();
  }

  private static void checkLayout(Path directory, ClusterLayout layout) throws IOException {
    Optional<String> made = madeOn(directory);
    if (made.filter(other -> !other.equals(layout.toString())).isPresent()) {
      throw new IllegalStateException(
          "Redis Cluster: %s (expected: %s, with which %s was made). Use the same numbers or another directory."
              .formatted(layout, made.get(), directory));
    }
  }

  private static void inParallel(List<NodeProcess> nodes, Consumer<NodeProcess> action) {
    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      CompletableFuture.allOf(
              nodes.stream()
                  .map(node -> CompletableFuture.runAsync(() -> action.accept(node), executor))
                  .toArray(CompletableFuture[]::new))
          .join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof IllegalStateException cause) {
        throw cause;
      }
      throw e;
    }
  }
}
