// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.process;

import io.pabal.embedded.cluster.ClusterNode;
import io.pabal.embedded.cluster.EmbeddedRedisCluster;
import io.pabal.embedded.cluster.RedisConsole;
import io.pabal.embedded.cluster.SlotRange;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A primary of the Redis Cluster, and its replica. A fault hits the one that is the primary at the
 * moment; a node that comes back is a replica, unless it was not replaced in time.
 */
final class RedisShard implements Part {

  private static final Logger log = LoggerFactory.getLogger(RedisShard.class);
  private static final int SLOTS_MOVED = 1_000;
  private static final long FAILOVER_TIMEOUT_MILLIS = 30_000;
  private static final long MOVE_TIMEOUT_MILLIS = 120_000;

  private final EmbeddedRedisCluster cluster;
  private final List<Integer> ports;
  private int downPort;
  private volatile boolean faulty;

  /** The nodes on {@code ports}, of which one is the primary. */
  RedisShard(EmbeddedRedisCluster cluster, List<Integer> ports) {
    this.cluster = cluster;
    this.ports = List.copyOf(ports);
  }

  /** Starts the node that was killed or stopped. */
  @Override
  public void start() {
    if (downPort != 0) {
      cluster.startAgain(downPort);
      downPort = 0;
    }
    faulty = false;
  }

  /** Kills the primary, and waits until its replica has taken over. */
  @Override
  public void kill() throws IOException, InterruptedException {
    ClusterNode primary = primary();
    faulty = true;
    downPort = primary.port();
    cluster.kill(primary.port());
    long deadlineNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(FAILOVER_TIMEOUT_MILLIS);
    while (!cluster.isReplaced(primary.id())) {
      if (System.nanoTime() > deadlineNanos) {
        log.warn("no replica has taken over from port={}", primary.port());
        return;
      }
      Thread.sleep(POLL_MILLIS);
    }
  }

  @Override
  public void stop() throws IOException {
    ClusterNode primary = primary();
    faulty = true;
    downPort = primary.port();
    cluster.stop(primary.port());
  }

  @Override
  public void pause(long millis) throws IOException, InterruptedException {
    long pid = cluster.pid(primary().port());
    faulty = true;
    try {
      Part.pause(pid, millis);
    } finally {
      faulty = false;
    }
  }

  /**
   * Whether both nodes run, and the replica is connected to the primary. A node whose last slot was
   * moved away has become a replica of the primary that got it, and is requested to come back.
   */
  @Override
  public boolean isReady() {
    if (faulty || !ports.stream().allMatch(cluster::runs)) {
      return false;
    }
    try {
      ClusterNode primary = primary();
      for (int port : ports) {
        if (port != primary.port()) {
          String replication = RedisConsole.ask(port, "INFO", "replication");
          if (!replication.contains("master_port:" + primary.port() + "\r")) {
            RedisConsole.ask(port, "CLUSTER", "REPLICATE", primary.id());
            return false;
          }
          return replication.contains("master_link_status:up");
        }
      }
    } catch (IOException e) {
      log.debug("not ready ports={}", ports, e);
    }
    return false;
  }

  /** Deletes all data of the primary. Blocks. */
  void flush() throws IOException {
    RedisConsole.ask(primary().port(), "FLUSHALL");
  }

  /**
   * Moves some of the primary's slots to {@code target}. Blocks. If a node fails meanwhile, the
   * move is continued when the node is back or replaced: a slot that stays half moved is not
   * served.
   *
   * @param seed decides which slots
   */
  void moveSlots(RedisShard target, long seed) throws IOException, InterruptedException {
    List<SlotRange> served = primary().slots();
    SlotRange widest =
        served.stream()
            .max((one, other) -> Integer.compare(one.size(), other.size()))
            .orElseThrow(() -> new IOException("no slots to move"));
    int count = Math.min(SLOTS_MOVED, widest.size() / 2);
    int first = widest.first() + new Random(seed).nextInt(widest.size() - count);
    SlotRange moved = new SlotRange(first, first + count - 1);
    long deadlineNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(MOVE_TIMEOUT_MILLIS);
    while (true) {
      try {
        cluster.moveSlots(moved, target.primary().port());
        return;
      } catch (IOException | RuntimeException e) {
        if (System.nanoTime() > deadlineNanos) {
          throw e;
        }
        log.info("move of slots continues slots={} reason={}", moved, e.getMessage());
        Thread.sleep(POLL_MILLIS);
      }
    }
  }

  private ClusterNode primary() throws IOException {
    return cluster.nodes().stream()
        .filter(node -> ports.contains(node.port()) && node.isPrimary() && !node.slots().isEmpty())
        .findFirst()
        .orElseThrow(() -> new IOException("no primary on " + ports));
  }
}
