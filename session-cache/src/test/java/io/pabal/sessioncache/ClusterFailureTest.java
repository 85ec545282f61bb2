// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache;

import static io.pabal.sessioncache.Stages.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.embedded.cluster.ClusterLayout;
import io.pabal.embedded.cluster.ClusterNode;
import io.pabal.embedded.cluster.EmbeddedRedisCluster;
import io.pabal.embedded.cluster.RedisConsole;
import io.pabal.embedded.cluster.SlotRange;
import io.pabal.sessioncache.redis.HashTags;
import io.pabal.sessioncache.session.Claim;
import io.pabal.sessioncache.session.ClaimRequest;
import io.pabal.sessioncache.session.SessionKeys;
import io.pabal.sessioncache.session.StoredFeed;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens to the primaries of a real Redis Cluster, and how a connector's connection goes on
 * by itself. Runs in one of the two executions only; it has a cluster of its own, with replicas.
 */
class ClusterFailureTest {

  private static final Logger log = LoggerFactory.getLogger(ClusterFailureTest.class);
  private static final long PROBE_MILLIS = 100;
  private static final long HOUR_SECONDS = 3_600;

  private static EmbeddedRedisCluster cluster;
  private static SessionCache cache;

  @BeforeAll
  static void start(@TempDir Path directory) {
    cluster = EmbeddedRedisCluster.start(directory, ClusterLayout.of(3, 1));
    cache = SessionCache.connect(SessionCacheConfig.of(cluster.uri()), 12);
    cache.startProbing(PROBE_MILLIS);
  }

  @AfterAll
  static void stop() {
    cache.close();
    cluster.close();
  }

  @AfterEach
  void awaitReady() {
    cluster.awaitReady();
    awaitProblem("");
  }

  @Test
  void shouldUseTheClusterThatAPlainAddressLeadsTo() throws IOException {
    URI plain = URI.create("redis://127.0.0.1:" + cluster.ports().getLast());

    try (SessionCache toIt = SessionCache.connect(SessionCacheConfig.of(plain), 12)) {
      for (ClusterNode primary : primaries()) {
        assertThat(await(claim(toIt, clientOf(primary))).session().epoch()).isPositive();
      }
    }
  }

  @Test
  void shouldGoOnWithTheReplicaOfAPrimaryThatIsKilled() throws IOException {
    ClusterNode killed = primaries().getFirst();
    String client = clientOf(killed);
    String other = clientOf(primaries().getLast());
    await(claim(cache, client));

    // When
    cluster.kill(killed.port());
    long beganNanos = System.nanoTime();

    // Then the other primaries serve meanwhile, and it is said which one does not
    assertThat(await(claim(cache, other)).session().epoch()).isPositive();
    awaitProblem(Integer.toString(killed.port()));
    awaitClaim(client, beganNanos, "killed");
    awaitProblem("");
    cluster.startAgain(killed.port());
  }

  @Test
  void shouldGoOnWithTheReplicaOfAPrimaryThatIsFrozen() throws IOException {
    ClusterNode frozen = primaries().get(1);
    String client = clientOf(frozen);
    await(claim(cache, client));

    cluster.freeze(frozen.port());
    try {
      awaitClaim(client, System.nanoTime(), "frozen");
      awaitProblem("");
    } finally {
      cluster.thaw(frozen.port());
    }

    // When it wakes up, it is a replica
    cluster.awaitReady();
    assertThat(await(claim(cache, client)).session().epoch()).isPositive();
  }

  @Test
  void shouldGoOnWhenAReplicaTakesOver() throws IOException {
    ClusterNode primary = primaries().getFirst();
    ClusterNode replica =
        cluster.nodes().stream()
            .filter(node -> primary.id().equals(node.primaryId()))
            .findFirst()
            .orElseThrow();
    String client = clientOf(primary);
    await(claim(cache, client));

    cluster.failover(replica.port());

    awaitClaim(client, System.nanoTime(), "failover");
  }

  @Test
  void shouldServeASlotThatIsMovedMeanwhile() throws Exception {
    // Given the sessions of a bucket
    ClusterNode from = primaries().getFirst();
    ClusterNode to = primaries().getLast();
    List<String> clients = clientsOfBucket(SessionKeys.bucket(clientOf(from)), 20);
    int slot = HashTags.slotOf(SessionKeys.session(clients.getFirst()));
    for (String client : clients) {
      subscribe(client);
    }

    // When its slot is moved
    AtomicBoolean moved = new AtomicBoolean();
    Thread mover =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    cluster.moveSlots(new SlotRange(slot, slot), to.port());
                  } catch (IOException e) {
                    throw new IllegalStateException(e);
                  } finally {
                    moved.set(true);
                  }
                });
    int rounds = 0;
    while (!moved.get() || rounds < 3) {
      // Then no claim fails, and each finds its session
      for (String client : clients) {
        assertThat(await(claim(cache, client)).feeds()).as(client).hasSize(1);
      }
      rounds++;
    }
    mover.join();
    assertThat(cluster.primaryOf(slot).port()).isEqualTo(to.port());
  }

  /** A half-moved slot: some keys are here and some there, as long as the move takes. */
  @Test
  void shouldWaitForASlotWhoseKeysAreHalfMoved() throws Exception {
    ClusterNode from = primaries().getFirst();
    ClusterNode to = primaries().getLast();
    String client = clientOf(from);
    subscribe(client);
    int slot = HashTags.slotOf(SessionKeys.session(client));
    try (RedisConsole source = new RedisConsole(from.port());
        RedisConsole target = new RedisConsole(to.port())) {
      // Given the session is moved, and the generation of its bucket is not
      target.send("CLUSTER", "SETSLOT", "" + slot, "IMPORTING", from.id());
      source.send("CLUSTER", "SETSLOT", "" + slot, "MIGRATING", to.id());
      migrate(source, to, SessionKeys.session(client));

      // When
      CompletionStage<Claim> claim = claim(cache, client);
      Awaitility.await().pollDelay(Duration.ofMillis(100)).until(() -> true);
      assertThat(claim.toCompletableFuture()).isNotDone();
      migrate(source, to, SessionKeys.generation(SessionKeys.bucket(client)));

      // Then
      assertThat(await(claim).feeds()).hasSize(1);
      target.send("CLUSTER", "SETSLOT", "" + slot, "NODE", to.id());
      source.send("CLUSTER", "SETSLOT", "" + slot, "NODE", to.id());
    }
    assertThat(await(claim(cache, client)).feeds()).hasSize(1);
  }

  @Test
  void shouldSendScriptsAgainThatRedisHasForgotten() throws IOException {
    for (ClusterNode primary : primaries()) {
      await(claim(cache, clientOf(primary)));
      RedisConsole.ask(primary.port(), "SCRIPT", "FLUSH");

      assertThat(await(claim(cache, clientOf(primary))).session().epoch()).isPositive();
    }
  }

  @Test
  void shouldNameThePrimaryThatIsFull() throws IOException {
    ClusterNode full = primaries().get(1);
    RedisConsole.ask(full.port(), "CONFIG", "SET", "maxmemory", "1");
    try {
      awaitProblem("primary 127.0.0.1:%d".formatted(full.port()));
      awaitProblem("of 16384 slots: OOM");
      assertThat(await(claim(cache, clientOf(primaries().getFirst()))).session().epoch())
          .isPositive();
    } finally {
      RedisConsole.ask(full.port(), "CONFIG", "SET", "maxmemory", "0");
    }
  }

  @Test
  void shouldSayThatTheClusterIsDown(@TempDir Path directory) throws IOException {
    try (var alone = EmbeddedRedisCluster.start(directory, ClusterLayout.of(3, 0));
        var toIt = SessionCache.connect(SessionCacheConfig.of(alone.uri()), 12)) {
      for (int port : alone.ports()) {
        RedisConsole.ask(port, "CONFIG", "SET", "cluster-require-full-coverage", "yes");
      }
      toIt.startProbing(PROBE_MILLIS);
      awaitProblem(toIt, "");

      alone.kill(alone.ports().getFirst());
      awaitProblem(toIt, "CLUSTERDOWN");

      alone.startAgain(alone.ports().getFirst());
      awaitProblem(toIt, "");
    }
  }

  @Test
  void shouldServeAUserWithFewRights() throws IOException {
    for (int port : cluster.ports()) {
      RedisConsole.ask(
          port,
          "ACL",
          "SETUSER",
          "pabal",
          "on",
          ">p@ss/w,rd#",
          "~pabal:*",
          "+@read",
          "+@write",
          "+@scripting",
          "-@dangerous",
          "+time",
          "+cluster|nodes");
    }
    String servers = cluster.uri().getRawAuthority();
    URI uri = URI.create("redis-cluster://pabal:p%40ss%2Fw%2Crd%23@" + servers);

    try (SessionCache toIt = SessionCache.connect(SessionCacheConfig.of(uri), 12)) {
      toIt.startProbing(PROBE_MILLIS);
      for (ClusterNode primary : primaries()) {
        assertThat(await(claim(toIt, clientOf(primary))).session().epoch()).isPositive();
      }
      awaitProblem(toIt, "");
    }
  }

  private static void migrate(RedisConsole source, ClusterNode to, String key) throws IOException {
    source.send("MIGRATE", "127.0.0.1", Integer.toString(to.port()), key, "0", "5000");
  }

  private static List<ClusterNode> primaries() throws IOException {
    return cluster.nodes().stream()
        .filter(node -> node.isPrimary() && node.slotCount() > 0)
        .toList();
  }

  /** A client whose session is on this primary. */
  private static String clientOf(ClusterNode primary) {
    return clients()
        .filter(client -> primary.serves(HashTags.slotOf(SessionKeys.session(client))))
        .findFirst()
        .orElseThrow();
  }

  private static List<String> clientsOfBucket(int bucket, int count) {
    return clients().filter(client -> SessionKeys.bucket(client) == bucket).limit(count).toList();
  }

  private static Stream<String> clients() {
    return IntStream.iterate(0, i -> i + 1).mapToObj(i -> "client-" + i);
  }

  private static void subscribe(String client) {
    Claim claim = await(claim(cache, client));
    if (!claim.begun()) {
      await(cache.sessions().begin(claim.session(), HOUR_SECONDS));
    }
    await(cache.sessions().putFeeds(claim.session(), List.of(new StoredFeed("rooms/42", 1, 7))));
  }

  private static CompletionStage<Claim> claim(SessionCache by, String client) {
    return by.sessions().claim(new ClaimRequest(client, "c1", 1, false, HOUR_SECONDS));
  }

  /** Claims again and again, as a client does that is refused, until it succeeds. */
  private static void awaitClaim(String client, long beganNanos, String why) {
    List<String> failures = new ArrayList<>();
    Awaitility.await()
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(50))
        .until(
            () -> {
              try {
                return await(claim(cache, client)).session().epoch() > 0;
              } catch (RuntimeException e) {
                failures.add(e.getMessage());
                return false;
              }
            });
    log.info(
        "claims again after={} millis={} failures={} last={}",
        why,
        (System.nanoTime() - beganNanos) / 1_000_000,
        failures.size(),
        failures.isEmpty() ? "" : failures.getLast());
  }

  private static void awaitProblem(String part) {
    awaitProblem(cache, part);
  }

  private static void awaitProblem(SessionCache of, String part) {
    Awaitility.await()
        .pollInterval(Duration.ofMillis(10))
        .untilAsserted(
            () -> {
              String problem = of.problem().orElse("");
              if (part.isEmpty()) {
                assertThat(problem).isEmpty();
              } else {
                assertThat(problem).contains(part);
              }
            });
  }
}
