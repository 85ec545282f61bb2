// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache;

import static io.pabal.sessioncache.Stages.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pabal.embedded.EmbeddedRedis;
import io.pabal.embedded.FreePort;
import io.pabal.embedded.cluster.RedisConsole;
import io.pabal.sessioncache.session.ClaimRequest;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** How a connection finds the primary again, of two servers, by itself. */
@DisabledIfSystemProperty(
    named = RedisFixture.KIND,
    matches = RedisFixture.CLUSTER,
    disabledReason = "is about single servers; see ClusterFailureTest")
class FailoverTest {

  private static final long PROBE_MILLIS = 100;
  private static final Duration TIMEOUT = Duration.ofSeconds(2);
  private static final String PASSWORD = "p@ss/w,rd#";
  private static final String ENCODED = "p%40ss%2Fw%2Crd%23";
  private static final List<String> SETTINGS =
      List.of("repl-diskless-sync yes", "repl-diskless-sync-delay 0");

  @TempDir private Path directory;
  private EmbeddedRedis first;
  private EmbeddedRedis second;

  @BeforeEach
  void start() throws Exception {
    first = EmbeddedRedis.start(directory.resolve("first"), 0, SETTINGS);
    second = EmbeddedRedis.start(directory.resolve("second"), 0, SETTINGS);
    for (EmbeddedRedis server : List.of(first, second)) {
      RedisConsole.ask(server.port(), "CONFIG", "SET", "masterauth", PASSWORD);
      RedisConsole.ask(server.port(), "CONFIG", "SET", "requirepass", PASSWORD);
    }
    replicate(second, first);
  }

  @AfterEach
  void stop() {
    first.close();
    second.close();
  }

  @Test
  void shouldLookTheNameUpAgainWhenThePrimaryBecameAReplica() throws IOException {
    try (TcpSwitch name = new TcpSwitch(first.port());
        SessionCache cache = connect("redis://:%s@127.0.0.1:%d".formatted(ENCODED, name.port()))) {
      assertThat(epoch(cache)).isPositive();

      // When the roles change, and the name follows a little later
      ask(second, "REPLICAOF", "NO", "ONE");
      ask(first, "REPLICAOF", "127.0.0.1", Integer.toString(second.port()));
      awaitProblem(cache, "READONLY");
      name.leadTo(second.port());

      // Then
      awaitClaim(cache);
      awaitProblem(cache, "");
    }
  }

  @Test
  void shouldGiveUpAConnectionOnWhichNothingComesBack() throws IOException {
    try (TcpSwitch network = new TcpSwitch(first.port());
        SessionCache cache =
            connect("redis://:%s@127.0.0.1:%d".formatted(ENCODED, network.port()))) {
      assertThat(epoch(cache)).isPositive();

      network.swallow();
      assertThatThrownBy(() -> epoch(cache)).hasMessageContaining("timed out");

      awaitClaim(cache);
      awaitProblem(cache, "");
    }
  }

  @Test
  void shouldAskTheSentinelsWhenThePrimaryIsKilled() throws Exception {
    String sentinelPassword = "s+ent&inel";
    List<Process> sentinels =
        List.of(
            sentinel(0, sentinelPassword),
            sentinel(1, sentinelPassword),
            sentinel(2, sentinelPassword));
    String servers =
        "127.0.0.1:%d,127.0.0.1:%d,127.0.0.1:%d"
            .formatted(sentinelPorts[0], sentinelPorts[1], sentinelPorts[2]);
    try (SessionCache cache =
        connect(
            "redis-sentinel://:%s@%s/0?sentinelPassword=s%%2Bent%%26inel#the-primary"
                .formatted(ENCODED, servers))) {
      assertThat(epoch(cache)).isPositive();
      awaitReplicaKnown(sentinelPassword);

      RedisFixture.signal("-KILL", first.pid());

      awaitClaim(cache);
      awaitProblem(cache, "");
      assertThat(ask(second, "INFO", "replication")).contains("role:master");
    } finally {
      sentinels.forEach(Process::destroyForcibly);
    }
  }

  private final int[] sentinelPorts = new int[3];

  private Process sentinel(int number, String password) throws IOException {
    sentinelPorts[number] = FreePort.find();
    Path own = Files.createDirectories(directory.resolve("sentinel-" + number));
    Path config = own.resolve("sentinel.conf");
    Files.write(
        config,
        List.of(
            "port " + sentinelPorts[number],
            "bind 127.0.0.1",
            "requirepass " + password,
            "sentinel sentinel-pass " + password,
            "sentinel monitor the-primary 127.0.0.1 %d 2".formatted(first.port()),
            "sentinel auth-pass the-primary " + PASSWORD,
            "sentinel down-after-milliseconds the-primary 1000",
            "sentinel failover-timeout the-primary 5000"));
    Path bundled = directory.resolve("first").resolve("redis-server");
    return new ProcessBuilder(
            Files.exists(bundled) ? bundled.toString() : "redis-server",
            config.toString(),
            "--sentinel")
        .directory(own.toFile())
        .redirectErrorStream(true)
        .redirectOutput(own.resolve("sentinel.log").toFile())
        .start();
  }

  /** Sentinels promote a replica that they know, and need each other for that. */
  private void awaitReplicaKnown(String password) {
    for (int port : sentinelPorts) {
      Awaitility.await()
          .ignoreExceptions()
          .until(
              () -> {
                try (RedisConsole console = new RedisConsole(port)) {
                  console.send("AUTH", password);
                  String known = console.send("INFO", "sentinel");
                  return known.contains("slaves=1,sentinels=3");
                }
              });
    }
  }

  private static SessionCache connect(String uri) {
    SessionCache cache = SessionCache.connect(new SessionCacheConfig(URI.create(uri), TIMEOUT), 12);
    cache.startProbing(PROBE_MILLIS);
    return cache;
  }

  private static void replicate(EmbeddedRedis replica, EmbeddedRedis primary) throws IOException {
    ask(replica, "REPLICAOF", "127.0.0.1", Integer.toString(primary.port()));
    Awaitility.await()
        .until(() -> ask(replica, "INFO", "replication").contains("master_link_status:up"));
  }

  private static String ask(EmbeddedRedis server, String... words) throws IOException {
    try (RedisConsole console = new RedisConsole(server.port())) {
      console.send("AUTH", PASSWORD);
      return console.send(words);
    }
  }

  private static long epoch(SessionCache cache) {
    return await(cache.sessions().claim(new ClaimRequest("phone", "c1", 1, false, 60)))
        .session()
        .epoch();
  }

  private static void awaitClaim(SessionCache cache) {
    Awaitility.await().ignoreExceptions().until(() -> epoch(cache) > 0);
  }

  private static void awaitProblem(SessionCache cache, String part) {
    Awaitility.await()
        .pollInterval(Duration.ofMillis(10))
        .untilAsserted(
            () -> {
              String problem = cache.problem().orElse("");
              if (part.isEmpty()) {
                assertThat(problem).isEmpty();
              } else {
                assertThat(problem).contains(part);
              }
            });
  }
}
