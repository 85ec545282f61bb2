// SPDX-License-Identifier: Apache-2.0
package io.pabal.embedded.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.pabal.embedded.FreePort;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedRedisClusterTest {

  private static final ClusterLayout LAYOUT = ClusterLayout.of(3, 1);

  @TempDir static Path directory;
  private static EmbeddedRedisCluster cluster;
  private static ClusterClient client;

  @BeforeAll
  static void start() {
    cluster = EmbeddedRedisCluster.start(directory, LAYOUT);
    client = new ClusterClient(cluster);
  }

  @AfterAll
  static void close() {
    cluster.close();
  }

  @BeforeEach
  void awaitReady() {
    cluster.awaitReady();
  }

  @Test
  void shouldServeEverySlotByThreePrimariesWithOneReplicaEach() throws Exception {
    List<ClusterNode> nodes = cluster.nodes();

    assertThat(nodes).hasSize(6).noneMatch(ClusterNode::failed);
    List<ClusterNode> primaries = nodes.stream().filter(ClusterNode::isPrimary).toList();
    assertThat(primaries).hasSize(3).allMatch(node -> node.slotCount() > 5_000);
    assertThat(primaries.stream().mapToInt(ClusterNode::slotCount).sum())
        .isEqualTo(SlotRange.SLOTS);
    assertThat(
            nodes.stream()
                .filter(node -> !node.isPrimary())
                .map(ClusterNode::primaryId)
                .collect(Collectors.toSet()))
        .isEqualTo(primaries.stream().map(ClusterNode::id).collect(Collectors.toSet()));
    assertThat(cluster.ports()).allMatch(port -> port <= ClusterPorts.PORT_MAX);
    assertThat(cluster.uri()).asString().matches("redis-cluster://(127.0.0.1:\\d+,?){6}");
  }

  @Test
  void shouldKeepNodesSlotsAndKeysAcrossRestarts() throws Exception {
    for (int key = 0; key < 20; key++) {
      client.send("SET", "kept-" + key, "value-" + key);
    }
    List<Integer> ports = cluster.ports();
    List<String> ids = ids();

    cluster.close();
    start();

    assertThat(cluster.ports()).isEqualTo(ports);
    assertThat(ids()).containsExactlyInAnyOrderElementsOf(ids);
    for (int key = 0; key < 20; key++) {
      assertThat(client.send("GET", "kept-" + key)).isEqualTo("value-" + key);
    }
  }

  @Test
  void shouldStartOnOtherPorts() throws Exception {
    client.send("SET", "kept", "value");
    List<Integer> ports = cluster.ports();
    int first = portsInRow();
    cluster.close();

    cluster = EmbeddedRedisCluster.start(directory, LAYOUT.withFirstPort(first));
    client = new ClusterClient(cluster);

    assertThat(cluster.ports()).isNotEqualTo(ports).first().isEqualTo(first);
    assertThat(client.send("GET", "kept")).isEqualTo("value");
  }

  @Test
  void shouldServeKilledPrimarysSlotsByItsReplica() throws Exception {
    client.send("SET", "kept", "value");
    ClusterNode killed = cluster.primaryOf(slot("kept"));
    // The copy is asynchronous: WAIT by a write of the same connection.
    try (RedisConsole console = new RedisConsole(killed.port())) {
      console.send("SET", "kept", "newer");
      assertThat(console.send("WAIT", "1", "60000")).isEqualTo("1");
    }

    cluster.kill(killed.port());

    await().until(() -> cluster.primaryOf(slot("kept")).port() != killed.port());
    assertThat(client.send("GET", "kept")).isEqualTo("newer");
    cluster.startAgain(killed.port());
    cluster.awaitReady();
    assertThat(node(killed.id()).isPrimary()).isFalse();
  }

  @Test
  void shouldHandOverToReplicaThatIsAskedTo() throws Exception {
    int replica =
        cluster.nodes().stream().filter(node -> !node.isPrimary()).findFirst().orElseThrow().port();

    cluster.failover(replica);

    cluster.awaitReady();
    assertThat(cluster.nodes()).anyMatch(node -> node.port() == replica && node.isPrimary());
  }

  @Test
  void shouldReplaceFrozenPrimary() throws Exception {
    ClusterNode frozen = cluster.primaryOf(0);

    cluster.freeze(frozen.port());
    try {
      await().until(() -> cluster.isReplaced(frozen.id()));
    } finally {
      cluster.thaw(frozen.port());
    }
    cluster.awaitReady();
    assertThat(node(frozen.id()).isPrimary()).isFalse();
  }

  @Test
  void shouldMoveSlotsWithTheirKeysUnderTraffic() throws Exception {
    int slot = slot("{moved}");
    ClusterNode source = cluster.primaryOf(slot);
    ClusterNode target = otherPrimary(source);
    for (int key = 0; key < 200; key++) {
      client.send("SET", "{moved}" + key + "\u00e9\r\n", "value-" + key);
    }
    AtomicBoolean over = new AtomicBoolean();
    CompletableFuture<Long> traffic = CompletableFuture.supplyAsync(() -> count(over));

    int last = Math.min(slot + 20, SlotRange.SLOTS - 1);
    cluster.moveSlots(new SlotRange(slot, last), target.port());

    over.set(true);
    long counted = traffic.join();
    assertThat(counted).isPositive();
    assertThat(client.send("GET", "{moved}counter")).isEqualTo(Long.toString(counted));
    assertThat(cluster.primaryOf(slot).id()).isEqualTo(target.id());
    assertThat(cluster.primaryOf(last).id()).isEqualTo(target.id());
    for (int key = 0; key < 200; key++) {
      assertThat(client.send("GET", "{moved}" + key + "\u00e9\r\n")).isEqualTo("value-" + key);
    }
    cluster.awaitReady();
  }

  @Test
  void shouldFinishMoveWhoseSourceWasKilledOnTheWay() throws Exception {
    int slot = slot("{half}");
    ClusterNode source = cluster.primaryOf(slot);
    ClusterNode target = otherPrimary(source);
    for (int key = 0; key < 50; key++) {
      client.send("SET", "{half}" + key, "value-" + key);
    }
    // Given some keys at the target, and a source that does not come to tell of the rest
    RedisConsole.ask(
        target.port(), "CLUSTER", "SETSLOT", Integer.toString(slot), "IMPORTING", source.id());
    try (RedisConsole console = new RedisConsole(source.port())) {
      console.send("CLUSTER", "SETSLOT", Integer.toString(slot), "MIGRATING", target.id());
      String port = Integer.toString(target.port());
      console.send(
          "MIGRATE", "127.0.0.1", port, "", "0", "5000", "KEYS", "{half}1", "{half}2", "{half}3");
      console.send("SET", "{half}0", "value-0");
      assertThat(console.send("WAIT", "1", "60000")).isEqualTo("1");
    }
    cluster.kill(source.port());
    await().until(() -> cluster.isReplaced(source.id()));

    cluster.moveSlots(new SlotRange(slot, slot), target.port());

    assertThat(cluster.primaryOf(slot).id()).isEqualTo(target.id());
    for (int key = 0; key < 50; key++) {
      assertThat(client.send("GET", "{half}" + key)).isEqualTo("value-" + key);
    }
    cluster.startAgain(source.port());
    cluster.awaitReady();
  }

  @Test
  void shouldStartNodeAgainThatEndedByItself() throws Exception {
    int port = cluster.ports().getLast();
    long pid = cluster.pid(port);

    ProcessHandle.of(pid).orElseThrow().destroyForcibly();

    await().until(() -> cluster.runs(port) && cluster.pid(port) != pid);
    cluster.awaitReady();
    assertThat(cluster.terminated().toCompletableFuture()).isNotDone();
  }

  @Test
  void shouldRefuseOtherNumbersOnSameDirectory() {
    assertThatThrownBy(() -> EmbeddedRedisCluster.start(directory, ClusterLayout.of(4, 1)))
        .hasMessageContaining("4 primaries, 1 replica each (expected: 3 primaries, 1 replica");
    assertThatThrownBy(() -> EmbeddedRedisCluster.start(directory, LAYOUT))
        .hasMessageContaining("is in use by process " + ProcessHandle.current().pid());
    assertThat(cluster.isReady()).isTrue();
  }

  private static long count(AtomicBoolean over) {
    try {
      long counted = 0;
      while (!over.get() || counted == 0) {
        client.send("INCR", "{moved}counter");
        counted++;
      }
      return counted;
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static ClusterNode otherPrimary(ClusterNode source) throws IOException {
    return cluster.nodes().stream()
        .filter(node -> node.isPrimary() && !node.id().equals(source.id()))
        .findFirst()
        .orElseThrow();
  }

  private static List<String> ids() throws IOException {
    return cluster.nodes().stream().map(ClusterNode::id).toList();
  }

  private static ClusterNode node(String id) throws IOException {
    return cluster.nodes().stream().filter(each -> each.id().equals(id)).findFirst().orElseThrow();
  }

  private static int slot(String key) throws IOException {
    return Integer.parseInt(RedisConsole.ask(cluster.ports().getLast(), "CLUSTER", "KEYSLOT", key));
  }

  private static int portsInRow() {
    int first = FreePort.findForClusterNode();
    while (!IntStream.range(first, first + LAYOUT.nodes()).allMatch(ClusterPorts::areFree)) {
      first = FreePort.findForClusterNode();
    }
    return first;
  }
}
