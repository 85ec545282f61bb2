// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pabal.connector.fixture.Patience;
import io.pabal.connector.fixture.Servers;
import io.pabal.connector.fixture.TestLoop;
import io.pabal.connector.loop.LoopContext;
import io.pabal.sessioncache.session.ClaimRequest;
import io.pabal.sessioncache.session.FenceResult;
import io.pabal.sessioncache.session.ProgressWrite;
import io.pabal.sessioncache.session.SessionClaim;
import io.pabal.sessioncache.session.SessionKeys;
import io.pabal.sessioncache.session.SessionProgress;
import io.pabal.sessioncache.session.SessionStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(Servers.Extension.class)
class CheckpointWriterTest {

  private static final Duration INTERVAL = Duration.ofSeconds(1);
  private static final int BATCH = CheckpointWriter.SCRIPT_SESSIONS_MAX;

  /** In a bucket there is about one of 1,024 clients. */
  private static final List<String> SAME_BUCKET =
      IntStream.iterate(0, i -> i + 1)
          .mapToObj(i -> "same-bucket-" + i)
          .filter(each -> SessionKeys.bucket(each) == SessionKeys.bucket("same-bucket-0"))
          .limit(3L * BATCH)
          .toList();

  private final SessionStore store;
  private final TestLoop loop = new TestLoop();
  private final LoopContext context = new LoopContext(0, loop);
  private long nowNanos = 123_456_789_012L;

  CheckpointWriterTest(Servers servers) {
    this.store = servers.cache().sessions();
  }

  @Test
  void shouldSpreadSessionsThatMovedTogetherOverTheInterval() {
    CheckpointWriter writer = writer(0);
    List<Recorded> sessions = moved(writer, 2_000, /* hasProgress= */ false);

    int before = 0;
    for (int tenth = 1; tenth <= 10; tenth++) {
      pass(writer, INTERVAL.dividedBy(10));
      int taken = taken(sessions);
      assertThat(taken - before).as("tenth %d", tenth).isBetween(120, 280);
      before = taken;
    }

    assertThat(sessions).allSatisfy(each -> assertThat(each.taken).isEqualTo(1));
    assertThat(writer.waiting()).isZero();
    assertThat(writer.step()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void shouldGiveEachPrimaryItsShareAllTheTime() {
    CheckpointWriter writer = writer(0);
    List<Recorded> sessions = moved(writer, 4_000, /* hasProgress= */ false);

    pass(writer, INTERVAL.dividedBy(10));

    for (int third = 0; third < 3; third++) {
      int from = third * SessionKeys.BUCKETS / 3;
      int to = (third + 1) * SessionKeys.BUCKETS / 3;
      assertThat(sessions.stream().filter(each -> each.taken > 0))
          .filteredOn(each -> each.bucket() >= from && each.bucket() < to)
          .as("primary %d", third)
          .hasSizeBetween(60, 220);
    }
  }

  @Test
  void shouldCheckpointASessionOnceInAnIntervalHoweverOftenItMoves() {
    CheckpointWriter writer = writer(0);
    Recorded session = new Recorded("restless", false);
    session.onTaken = () -> writer.moved(session, session.clientId);
    writer.moved(session, session.clientId);

    for (int i = 0; i < 50; i++) {
      pass(writer, INTERVAL.dividedBy(10));
    }

    assertThat(session.taken).isEqualTo(5);
  }

  @Test
  void shouldWaitForTheNextTurnWhenASessionMovesAfterAQuietTime() {
    CheckpointWriter writer = writer(0);
    pass(writer, INTERVAL);
    nowNanos += INTERVAL.multipliedBy(100).toNanos();

    List<Recorded> sessions = moved(writer, 500, /* hasProgress= */ false);
    writer.step();
    loop.run();

    assertThat(taken(sessions)).isZero();
  }

  @Test
  void shouldWriteTheSessionsOfABucketInAsFewScriptsAsTheirSizeAllows() {
    CheckpointWriter writer = writer(0);
    List<Recorded> sessions = SAME_BUCKET.stream().map(id -> new Recorded(id, true)).toList();
    sessions.forEach(each -> writer.moved(each, each.clientId));

    nowNanos += INTERVAL.toNanos();
    writer.step();
    loop.runUntil(() -> sessions.stream().allMatch(each -> each.ended == 1));

    assertThat(writer.batches()).isEqualTo(3);
  }

  @Test
  void shouldGiveEachSessionOfAScriptItsOwnResult() {
    SessionClaim applied = claim(SAME_BUCKET.get(0));
    SessionClaim fenced = claim(SAME_BUCKET.get(1));
    claim(SAME_BUCKET.get(1));
    // An epoch that is higher than the stored one: Redis has lost the newer claim.
    SessionClaim lost = new SessionClaim(SAME_BUCKET.get(2), claim(SAME_BUCKET.get(2)).epoch() + 1);
    CheckpointWriter writer = writer(0);
    List<Recorded> sessions =
        List.of(new Recorded(applied), new Recorded(fenced), new Recorded(lost));
    sessions.forEach(each -> writer.moved(each, each.clientId));

    nowNanos += INTERVAL.toNanos();
    writer.step();
    loop.runUntil(() -> sessions.stream().allMatch(each -> each.ended == 1));

    assertThat(writer.batches()).isEqualTo(1);
    assertThat(sessions.stream().map(each -> each.result))
        .containsExactly(FenceResult.APPLIED, FenceResult.FENCED, FenceResult.LOST);
  }

  @Test
  void shouldHaveFewBatchesUnderWayHoweverManySessionsMove() {
    CheckpointWriter writer = writer(0);
    List<Recorded> sessions = moved(writer, 10_000, /* hasProgress= */ true);
    loop.hold(); // what the replies set in motion waits

    nowNanos += INTERVAL.toNanos();
    writer.step();
    // Not more than what is there now: a quick reply comes on this thread.
    for (int i = loop.pending(); i > 0; i--) {
      loop.runNext();
    }

    assertThat(writer.batches()).isLessThanOrEqualTo(2L * CheckpointPace.UNDER_WAY_MAX);
    assertThat(taken(sessions)).isLessThanOrEqualTo(CheckpointPace.UNDER_WAY_MAX * BATCH);

    // A claim does not wait behind them.
    assertThat(claim("comes meanwhile").epoch()).isPositive();

    loop.release();
    loop.runUntil(
        () -> {
          assertThat(writer.underWay()).isLessThanOrEqualTo(CheckpointPace.UNDER_WAY_MAX);
          return sessions.stream().allMatch(each -> each.ended == 1);
        });
    assertThat(writer.batches()).isLessThan(sessions.size() / 2);
  }

  @Test
  void shouldStretchTheIntervalWhenMoreSessionsMoveThanTheBoundAllows() {
    int perSecondMax = 500;
    CheckpointWriter writer = writer(perSecondMax);
    List<Recorded> sessions = moved(writer, 2_000, /* hasProgress= */ false);
    long begunNanos = nowNanos;

    while (taken(sessions) < 2_000) {
      pass(writer, Duration.ofMillis(10));
      double seconds = (nowNanos - begunNanos) / 1e9;
      assertThat(taken(sessions)).isLessThanOrEqualTo((int) (perSecondMax * (seconds + 0.03)));
      if (seconds > 2 && taken(sessions) < 1_900) {
        assertThat(writer.lateSeconds()).isPositive();
      }
    }

    assertThat((nowNanos - begunNanos) / 1e9).isBetween(3.9, 4.5);
    assertThat(sessions).allSatisfy(each -> assertThat(each.taken).isEqualTo(1));
    assertThat(writer.lateSeconds()).isZero();
  }

  @Test
  void shouldNotStarveABucketWhoseNeighboursMoveAllTheTime() {
    CheckpointWriter writer = writer(500);
    List<Recorded> sessions = moved(writer, 2_000, /* hasProgress= */ false);
    sessions.forEach(each -> each.onTaken = () -> writer.moved(each, each.clientId));

    for (int i = 0; i < 1_200; i++) {
      pass(writer, Duration.ofMillis(10));
    }

    assertThat(sessions).allSatisfy(each -> assertThat(each.taken).isBetween(1, 4));
  }

  @Test
  void shouldServeTheOthersWhenASessionFails() {
    CheckpointWriter writer = writer(0);
    Recorded broken = new Recorded(SAME_BUCKET.get(0), true);
    broken.onTaken =
        () -> {
          throw new AssertionError("intended by the test");
        };
    Recorded brokenLater = new Recorded(SAME_BUCKET.get(1), true);
    brokenLater.onEnded = broken.onTaken;
    Recorded other = new Recorded(SAME_BUCKET.get(2), true);
    List.of(broken, brokenLater, other).forEach(each -> writer.moved(each, each.clientId));

    nowNanos += INTERVAL.toNanos();
    writer.step();
    loop.runUntil(() -> other.ended == 1);

    assertThat(broken.failure).hasMessage("intended by the test");
    assertThat(brokenLater.failure).hasMessage("intended by the test");
    assertThat(other.failure).isNull();
  }

  @Test
  void shouldReleaseInSharedScriptsWhenManySessionsEndAtOnce() throws Exception {
    CheckpointWriter writer = writer(0);
    List<SessionClaim> claims = SAME_BUCKET.stream().map(this::claim).toList();
    CountDownLatch goOn = new CountDownLatch(1);
    blockReplies(writer, goOn);
    long before = writer.batches();

    List<CompletableFuture<FenceResult>> results =
        claims.stream()
            .map(
                each ->
                    writer
                        .release(ProgressWrite.release(each, SessionProgress.NONE, 60))
                        .toCompletableFuture())
            .toList();
    goOn.countDown();

    assertThat(results)
        .allSatisfy(
            each ->
                assertThat(each.orTimeout(Patience.MAX.toSeconds(), TimeUnit.SECONDS).join())
                    .isEqualTo(FenceResult.APPLIED));
    int alone = CheckpointPace.UNDER_WAY_MAX; // fewer when Redis was slow
    assertThat(writer.batches() - before).isLessThanOrEqualTo(alone + claims.size() / BATCH);
  }

  @Test
  void shouldWalkByItself() {
    Recorded session = new Recorded("walked", true);
    try (CheckpointWriter writer =
        CheckpointWriter.start(store, Duration.ofMillis(50), /* perSecondMax= */ 1_000)) {
      for (int i = 1; i <= 3; i++) {
        int times = i;
        writer.moved(session, session.clientId);
        loop.runUntil(() -> session.ended == times);
      }
      var released = writer.release(ProgressWrite.release(claim("gone"), SessionProgress.NONE, 60));
      await().atMost(Patience.MAX).until(() -> released.toCompletableFuture().isDone());
    }
  }

  private CheckpointWriter writer(int perSecondMax) {
    return new CheckpointWriter(store, INTERVAL, perSecondMax, () -> nowNanos);
  }

  private void pass(CheckpointWriter writer, Duration time) {
    nowNanos += time.toNanos();
    writer.step();
    loop.run();
  }

  private List<Recorded> moved(CheckpointWriter writer, int count, boolean hasProgress) {
    List<Recorded> sessions = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      Recorded session = new Recorded("moved-" + i, hasProgress);
      sessions.add(session);
      writer.moved(session, session.clientId);
    }
    return sessions;
  }

  private static int taken(List<Recorded> sessions) {
    return sessions.stream().mapToInt(each -> each.taken).sum();
  }

  private SessionClaim claim(String clientId) {
    return store
        .claim(new ClaimRequest(clientId, "c1", 1, true, 0))
        .toCompletableFuture()
        .orTimeout(Patience.MAX.toSeconds(), TimeUnit.SECONDS)
        .join()
        .session();
  }

  /** Blocks the thread that takes the replies. */
  private void blockReplies(CheckpointWriter writer, CountDownLatch until) {
    Thread test = Thread.currentThread();
    CountDownLatch blocked = new CountDownLatch(1);
    while (blocked.getCount() > 0) {
      var released =
          writer
              .release(ProgressWrite.release(claim("blocking"), SessionProgress.NONE, 60))
              .thenRun(
                  () -> {
                    // Otherwise the reply was there before this callback was.
                    if (Thread.currentThread() != test) {
                      blocked.countDown();
                      awaitUninterruptibly(until);
                    }
                  })
              .toCompletableFuture();
      await().atMost(Patience.MAX).until(() -> blocked.getCount() == 0 || released.isDone());
    }
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      assertThat(latch.await(Patience.MAX.toSeconds(), TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A session that records what is asked of it. */
  private final class Recorded implements Checkpointed {

    private final String clientId;
    private final @Nullable SessionClaim claim;
    private Runnable onTaken = () -> {};
    private Runnable onEnded = () -> {};
    private int taken;
    private int ended;
    private @Nullable FenceResult result;
    private @Nullable Throwable failure;

    /** With progress, the session names a claim that Redis does not know. */
    Recorded(String clientId, boolean hasProgress) {
      this.clientId = clientId;
      this.claim = hasProgress ? new SessionClaim(clientId, 1) : null;
    }

    Recorded(SessionClaim claim) {
      this.clientId = claim.clientId();
      this.claim = claim;
    }

    int bucket() {
      return SessionKeys.bucket(clientId);
    }

    @Override
    public LoopContext loop() {
      return context;
    }

    @Override
    public @Nullable ProgressWrite takeProgress() {
      taken++;
      onTaken.run();
      return claim == null ? null : ProgressWrite.checkpoint(claim, SessionProgress.NONE);
    }

    @Override
    public void checkpointEnded(@Nullable FenceResult reply, @Nullable Throwable reason) {
      ended++;
      result = reply;
      assertThat(reason).isNull();
      Objects.requireNonNull(reply);
      onEnded.run();
    }

    @Override
    public void failed(Throwable cause) {
      failure = cause;
    }
  }
}
