// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import io.pabal.connector.delivery.PlayedConsumer;
import io.pabal.connector.fixture.PlayedRouter;
import io.pabal.connector.fixture.Servers;
import io.pabal.schemas.Codecs;
import io.pabal.sessioncache.session.SessionKeys;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The checkpoints of one session: its progress, and the order of its writes. */
@ExtendWith(Servers.Extension.class)
class CheckpointTest {

  private static final String ADDRESS = "rooms/checkpointed";
  private static final String KEY = SessionKeys.session("lone");

  private final LoneSession lone;
  private final RedisClient client;
  private final RedisCommands<String, String> redis;
  private final SessionFeed feed;

  CheckpointTest(Servers servers) {
    client = RedisClient.create(servers.redisUri().toString());
    redis = client.connect().sync();
    lone = new LoneSession(servers);
    lone.session.expirySeconds(60);
    feed = lone.attach(ADDRESS, 9);
  }

  @BeforeEach
  void subscribe() {
    redis.del(KEY);
    redis.hset(
        KEY,
        Map.of(
            "fence",
            "1 0",
            "epoch",
            "1",
            "owner",
            "lone",
            "incarnation",
            "1",
            "expiry",
            "60",
            "f:" + ADDRESS,
            "9\n1 "));
    PlayedConsumer.activate(feed.feed(), 9);
  }

  @AfterEach
  void close() {
    redis.del(KEY);
    client.shutdown();
  }

  @Test
  void shouldStoreCursorAndDeliveriesInFlight() {
    push(10);
    push(11);
    lone.session.acknowledge(lone.packetIds.getFirst());

    lone.beginCheckpoint();
    lone.loop.runUntil(feed::isStored);

    assertThat(cursor()).isEqualTo(10);
    assertThat(redis.hexists(KEY, "inflight")).isTrue();

    lone.session.acknowledge(lone.packetIds.getLast());
    lone.beginCheckpoint();
    lone.loop.runUntil(feed::isStored);

    assertThat(cursor()).isEqualTo(11);
    assertThat(redis.hexists(KEY, "inflight")).isFalse();
    assertThat(lone.checkpoints.waiting()).isZero();
  }

  @Test
  void shouldCheckpointAgainWhenACheckpointFailed() {
    acknowledged(10);
    redis.rename(KEY, "elsewhere");
    redis.set(KEY, "no hash");

    lone.beginCheckpoint();
    lone.loop.runUntil(() -> lone.checkpoints.waiting() == 1);
    assertThat(feed.isStored()).isFalse();

    redis.rename("elsewhere", KEY);
    lone.beginCheckpoint();
    lone.loop.runUntil(feed::isStored);
    assertThat(cursor()).isEqualTo(10);
  }

  @Test
  void shouldWriteALostSessionAnewWhenItsCheckpointSaysSo() {
    acknowledged(10);
    redis.hset(KEY, Map.of("fence", "0 0", "epoch", "0"));

    lone.beginCheckpoint();
    lone.loop.runUntil(() -> lone.metrics.sessionsRestored.sum() == 1);
    assertThat(cursor()).isEqualTo(10);

    acknowledged(11);
    lone.beginCheckpoint();
    lone.loop.runUntil(feed::isStored);
    assertThat(cursor()).isEqualTo(11);
    assertThat(lone.ended).isEmpty();
  }

  @Test
  void shouldEndWhenItsCheckpointIsFenced() {
    acknowledged(10);
    redis.hset(KEY, Map.of("fence", "2 0", "epoch", "2"));

    lone.beginCheckpoint();
    lone.loop.runUntil(() -> !lone.ended.isEmpty());

    assertThat(lone.ended).containsExactly(EndReason.TAKEN_OVER);
    assertThat(cursor()).isEqualTo(9);
  }

  @Test
  void shouldReleaseWithTheNewestProgressWhenItEndsBeforeItsCheckpoint() {
    acknowledged(10);

    CompletableFuture<Void> released = lone.session.end(EndReason.CLIENT).toCompletableFuture();
    lone.beginCheckpoint();
    lone.loop.runUntil(released::isDone);

    assertThat(cursor()).isEqualTo(10);
    assertThat(redis.hget(KEY, "owner")).isEmpty();
    assertThat(lone.checkpoints.waiting()).isZero();
  }

  /** An older checkpoint on its own connection must not be written after newer writes. */
  @Test
  void shouldMakeOtherWritesAfterTheCheckpointThatIsUnderWay() {
    push(10);
    push(11);
    lone.beginCheckpoint(); // its reply is not taken before the loop runs

    lone.session.acknowledge(lone.packetIds.getFirst());
    CompletableFuture<?> touched = lone.session.record().touch().toCompletableFuture();
    CompletableFuture<Void> released = lone.session.end(EndReason.CLIENT).toCompletableFuture();
    assertThat(lone.checkpoints.batches()).as("the checkpoint, and no release").isEqualTo(1);
    assertThat(touched).isNotDone();

    lone.loop.runUntil(() -> released.isDone() && touched.isDone());
    assertThat(redis.hget(KEY, "owner")).isEmpty();
    assertThat(cursor()).isEqualTo(10);
  }

  private void acknowledged(long offset) {
    push(offset);
    lone.session.acknowledge(lone.packetIds.getLast());
  }

  private void push(long offset) {
    PlayedConsumer.push(
        feed.feed(), offset, Codecs.MESSAGE.encode(PlayedRouter.message(ADDRESS, "m").build()));
  }

  private long cursor() {
    return Long.parseLong(redis.hget(KEY, "f:" + ADDRESS).lines().findFirst().orElseThrow());
  }
}
