// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.pabal.connector.ConnectorConfig;
import io.pabal.connector.ConnectorMetrics;
import io.pabal.connector.checkpoint.CheckpointWriter;
import io.pabal.connector.delivery.FeedTable;
import io.pabal.connector.fixture.Servers;
import io.pabal.connector.loop.LoopContext;
import io.pabal.schemas.Codecs;
import io.pabal.sessioncache.session.Claim;
import io.pabal.sessioncache.session.SessionKeys;
import io.pabal.sessioncache.session.StoredFeed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(Servers.Extension.class)
class ClaimRenewalTest {

  private static final String CLIENT_ID = "renewed";
  private static final String KEY = SessionKeys.session(CLIENT_ID);
  private static final SessionProfile PROFILE =
      new SessionProfile(CLIENT_ID, "", true, true, 3_600, 10);

  private final Servers servers;
  private final ClaimGenerations generations = new ClaimGenerations();
  private final LoneSession connection;
  private final SessionTable sessions;

  ClaimRenewalTest(Servers servers) {
    this.servers = servers;
    connection = new LoneSession(servers);
    sessions =
        new SessionTable(
            "renewing",
            1,
            new SessionServices(
                new FeedTable(new LoneSession.NoAnnouncer(), Servers.TOPICS.feeds(), 1),
                Codecs.MESSAGE,
                servers.cache().sessions(),
                new CheckpointWriter(
                    servers.cache().sessions(), Duration.ofSeconds(1), 0, System::nanoTime),
                generations,
                new TimelineReads(servers.cache().timelines(), new ConnectorMetrics()),
                servers.history(),
                new SessionEvents("renewing", 1, event -> {}),
                ConnectorConfig.Limits.defaults(),
                new ConnectorMetrics()),
            (connectorId, clientId, epoch) -> {});
  }

  @Test
  void shouldRenewTheClaimOfAnIdleSession() {
    RedisClient client = RedisClient.create(servers.redisUri().toString());
    try (var redis = client.connect()) {
      RedisCommands<String, String> commands = redis.sync();
      var _ = open(PROFILE);
      commands.expire(KEY, Duration.ofMinutes(1));
      assertThat(commands.ttl(KEY)).isLessThanOrEqualTo(60);

      try (ClaimRenewal renewal = start()) {
        assertThat(renewal).isNotNull();
        await().until(() -> commands.ttl(KEY) > PROFILE.expirySeconds());
      }
    } finally {
      client.shutdown();
    }
  }

  @Test
  void shouldRenewAPartOfTheSessionsAtATime() {
    RedisClient client = RedisClient.create(servers.redisUri().toString());
    try (var redis = client.connect()) {
      // Given four sessions whose claims expire soon
      RedisCommands<String, String> commands = redis.sync();
      List<String> keys = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        var profile = new SessionProfile("spread-" + i, "", true, true, 3_600, 10);
        var _ = open(profile);
        keys.add(SessionKeys.session("spread-" + i));
        commands.expire(keys.getLast(), Duration.ofMinutes(1));
      }

      // When half of the sessions are due in each step
      try (var renewal = new ClaimRenewal(sessions, servers.cache().sessions(), generations, 0.5)) {
        renewal.renewDue();
        assertThat(keys).filteredOn(key -> commands.ttl(key) > 60).hasSize(2);
        renewal.renewDue();
      }

      // Then two steps renew all of them
      assertThat(keys).allMatch(key -> commands.ttl(key) > 60);
    } finally {
      client.shutdown();
    }
  }

  @Test
  void shouldRenewOnlyTheSessionsOfABucketThatLostItsData() {
    RedisClient client = RedisClient.create(servers.redisUri().toString());
    try (var redis = client.connect()) {
      // Given two sessions whose claims expire soon, in two buckets
      RedisCommands<String, String> commands = redis.sync();
      var profile = new SessionProfile("bucket-0", "", true, true, 3_600, 10);
      var other = new SessionProfile("bucket-1", "", true, true, 3_600, 10);
      open(profile);
      open(other);
      String otherKey = SessionKeys.session(other.clientId());
      commands.expire(otherKey, Duration.ofMinutes(1));

      // When one bucket loses its data
      commands.del(
          SessionKeys.session(profile.clientId()),
          SessionKeys.generation(SessionKeys.bucket(profile.clientId())));
      try (ClaimRenewal renewal =
          ClaimRenewal.start(
              sessions, servers.cache().sessions(), generations, ClaimRenewal.INTERVAL)) {
        assertThat(renewal).isNotNull();
        connection.loop.runUntil(
            () -> commands.exists(SessionKeys.session(profile.clientId())) == 1);
      }

      // Then
      assertThat(commands.ttl(otherKey)).isLessThanOrEqualTo(60);
    } finally {
      client.shutdown();
    }
  }

  private Claim open(SessionProfile profile) {
    Claim claim =
        sessions
            .claim(profile, GlobalEventExecutor.INSTANCE, nanos -> {})
            .toCompletableFuture()
            .join();
    sessions.begin(claim, profile).toCompletableFuture().join();
    var _ = sessions.open(claim, profile, new LoopContext(0, connection.loop), connection);
    return claim;
  }

  @Test
  void shouldEndASessionWhoseClaimIsNotTheNewest() {
    Claim claim = open(PROFILE);
    var elsewhere =
        servers
            .cache()
            .sessions()
            .claim(
                new io.pabal.sessioncache.session.ClaimRequest(
                    CLIENT_ID, "elsewhere", 1, false, 3_600));
    assertThat(elsewhere.toCompletableFuture().join().session().epoch())
        .isGreaterThan(claim.session().epoch());

    try (ClaimRenewal renewal = start()) {
      assertThat(renewal).isNotNull();
      connection.loop.runUntil(() -> !connection.ended.isEmpty());
    }

    assertThat(connection.ended).contains(EndReason.TAKEN_OVER);
  }

  @Test
  void shouldRestoreALostSessionThatEndsDuringTheRenewal() {
    String address = "renewed/lost";
    RedisClient client = RedisClient.create(servers.redisUri().toString());
    try (var redis = client.connect()) {
      // Given
      Claim claim =
          sessions
              .claim(PROFILE, GlobalEventExecutor.INSTANCE, nanos -> {})
              .toCompletableFuture()
              .join();
      sessions.begin(claim, PROFILE).toCompletableFuture().join();
      Session session =
          sessions.open(claim, PROFILE, new LoopContext(0, connection.loop), connection);
      session.resume(List.of(new StoredFeed(address, 1, 7)), List.of(), () -> {});
      connection.loop.run();
      // The state of a replica that was promoted before it had the claim.
      String epoch = Long.toString(claim.session().epoch() - 1);
      redis.sync().hset(KEY, Map.of("fence", epoch + " 0", "epoch", epoch));

      // When the session ends after Redis answered LOST and before the session is restored
      var renewed = session.renewClaim().toCompletableFuture();
      await().until(() -> connection.loop.pending() > 0);
      var released = session.end(EndReason.CLIENT).toCompletableFuture();
      connection.loop.run(); // before Redis has answered
      connection.loop.runUntil(() -> renewed.isDone() && released.isDone());

      // Then
      assertThat(redis.sync().hget(KEY, "f:" + address)).isEqualTo("7\n1 ");
      assertThat(redis.sync().hget(KEY, "owner")).isEmpty();
    } finally {
      client.shutdown();
    }
  }

  private ClaimRenewal start() {
    return ClaimRenewal.start(
        sessions, servers.cache().sessions(), generations, Duration.ofMillis(20));
  }
}
