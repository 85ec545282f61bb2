// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.checkpoint;

import io.pabal.sessioncache.session.FenceResult;
import io.pabal.sessioncache.session.ProgressWrite;
import io.pabal.sessioncache.session.SessionKeys;
import io.pabal.sessioncache.session.SessionStore;
import io.pabal.telemetry.FatalError;
import io.pabal.telemetry.Meters;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the progress of all sessions of the connector to Redis: checkpoints of live sessions, and
 * releases of sessions whose connection has ended.
 *
 * <p><b>A walk spreads and gathers checkpoints.</b> The {@value SessionKeys#BUCKETS} buckets of
 * sessions have a turn one after the other, each once in the checkpoint interval. At its turn, all
 * sessions of a bucket that moved since its last turn are due. So a session that moved is due once
 * within the interval, the sessions of one message are due evenly over the interval, and the
 * sessions of a bucket share scripts of at most {@value #SCRIPT_SESSIONS_MAX} sessions. Consecutive
 * turns belong to buckets that lie far apart, so each primary of a Redis Cluster gets its share all
 * the time.
 *
 * <p><b>Bounded.</b> At most a configured number of checkpoints begin per second, and at most
 * {@value CheckpointPace#UNDER_WAY_MAX} batches are under way, fewer while Redis is slow. So the
 * queue in front of a claim is short at Redis, too, which runs one script at a time. When more
 * sessions move than these bounds allow, their turns come later than the interval, and a gauge says
 * by how much. A session waits at most once, as a reference; its progress is read when its batch
 * begins. So a late checkpoint stores the newest progress. It costs repeated messages after a crash
 * only.
 *
 * <p><b>Releases</b> go at once, without a turn and in front of checkpoints, but within the same
 * bound of batches under way: those that have to wait, after the loss of many connections, share
 * scripts, too.
 *
 * <p>While the connection to Redis is down, checkpoints stay due. Methods may be called by any
 * thread and do not block.
 */
public final class CheckpointWriter implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(CheckpointWriter.class);

  /** The sessions of one script. Redis runs nothing else for some 4 us for each of them. */
  static final int SCRIPT_SESSIONS_MAX = 64;

  /** The releases that may wait; further ones are sent alone. */
  static final int RELEASES_MAX = 100_000;

  /** Odd, so that each bucket has one turn in a round; 0.618 of the buckets apart. */
  private static final int STRIDE = 633;

  private static final long TICK_MIN_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
  private static final long TICK_MAX_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long TICK_DUE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final int TICKS_PER_INTERVAL = 64;
  private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

  private final SessionStore store;
  private final LongSupplier nanoTime;
  private final long intervalNanos;
  private final long tickNanos;
  private final Bucket[] buckets = new Bucket[SessionKeys.BUCKETS];

  /** The sessions that moved and whose checkpoint has not begun. */
  private final AtomicInteger waiting = new AtomicInteger();

  private final LongAdder checkpoints = new LongAdder();
  private final LongAdder releases = new LongAdder();
  private final LongAdder scripts = new LongAdder();
  private final CheckpointPace pace;
  private final ReleaseQueue releaseQueue = new ReleaseQueue();

  /** The buckets that have had their turn, oldest first; each at most once. */
  private final ArrayDeque<Turn> due = new ArrayDeque<>();

  /** The number of the latest turn. */
  private long turn;

  /** Calls of {@link #begin} that the loop in it has not served. */
  private final AtomicInteger begins = new AtomicInteger();

  private volatile @Nullable Thread walker;
  private volatile boolean closed;

  /** The sessions of one bucket that moved since its last turn. */
  private static final class Bucket {
    private List<Checkpointed> moved = new ArrayList<>(0);

    /** Whether its last turn is not over yet. Guarded by the writer. */
    private boolean due;

    synchronized void add(Checkpointed session) {
      moved.add(session);
    }

    synchronized List<Checkpointed> take() {
      List<Checkpointed> taken = moved;
      if (!taken.isEmpty()) {
        moved = new ArrayList<>(0);
      }
      return taken;
    }
  }

  /** Sessions of a bucket that are due; the first {@code begun} of them have begun. */
  private static final class Turn {
    private final Bucket bucket;
    private final List<Checkpointed> sessions;
    private final long dueNanos;
    private int begun;

    Turn(Bucket bucket, List<Checkpointed> sessions, long dueNanos) {
      this.bucket = bucket;
      this.sessions = sessions;
      this.dueNanos = dueNanos;
    }
  }

  /**
   * A writer without a thread: the caller calls {@link #step}.
   *
   * @param interval the time in which each bucket has a turn
   * @param perSecondMax the checkpoints per second; 0: no limit
   * @param nanoTime the clock, in nanoseconds
   */
  public CheckpointWriter(
      SessionStore store, Duration interval, int perSecondMax, LongSupplier nanoTime) {
    this.store = store;
    this.nanoTime = nanoTime;
    this.intervalNanos = interval.toNanos();
    this.tickNanos = Math.clamp(intervalNanos / TICKS_PER_INTERVAL, TICK_MIN_NANOS, TICK_MAX_NANOS);
    this.pace = new CheckpointPace(perSecondMax, nanoTime.getAsLong());
    for (int i = 0; i < buckets.length; i++) {
      buckets[i] = new Bucket();
    }
    this.turn = turnAt(nanoTime.getAsLong());
  }

  /** Starts a writer with a thread of its own. */
  public static CheckpointWriter start(SessionStore store, Duration interval, int perSecondMax) {
    var writer = new CheckpointWriter(store, interval, perSecondMax, System::nanoTime);
    writer.walker = Thread.ofPlatform().daemon().name("checkpoints").start(writer::walk);
    return writer;
  }

  /**
   * A session has progress to store: its progress is taken once, within the interval. Called at
   * most once before that.
   */
  public void moved(Checkpointed session, String clientId) {
    buckets[SessionKeys.bucket(clientId)].add(session);
    if (waiting.getAndIncrement() == 0) {
      resumeWalk();
    }
  }

  /**
   * Ends a session's claim.
   *
   * @return completes on any thread; exceptionally when Redis has not answered: the release is then
   *     repeated as {@link SessionStore#write} says
   */
  public CompletionStage<FenceResult> release(ProgressWrite release) {
    if (releaseQueue.size() >= RELEASES_MAX) {
      return store.release(release.claim(), release.progress(), release.expirySeconds());
    }
    CompletionStage<FenceResult> result = releaseQueue.add(release);
    begin();
    return result;
  }

  /**
   * Lets the buckets have their turns up to now, and begins what may begin.
   *
   * @return the time until the next call, in nanoseconds; {@link Long#MAX_VALUE}: until a session
   *     moves
   */
  public long step() {
    long nowNanos = nanoTime.getAsLong();
    boolean late;
    synchronized (this) {
      long now = turnAt(nowNanos);
      for (long next = Math.max(turn + 1, now - buckets.length + 1); next <= now; next++) {
        turnOf(buckets[(int) Math.floorMod(next * STRIDE, (long) buckets.length)], nowNanos);
      }
      turn = Math.max(turn, now);
      late = !due.isEmpty();
    }
    begin();
    if (late) {
      return Math.min(tickNanos, TICK_DUE_NANOS);
    }
    return waiting.get() == 0 ? Long.MAX_VALUE : tickNanos;
  }

  /** The sessions whose checkpoint has not begun. */
  public int waiting() {
    return waiting.get();
  }

  /** By how much the checkpoint that is due for longest is late. */
  synchronized double lateSeconds() {
    Turn first = due.peek();
    return first == null ? 0 : (nanoTime.getAsLong() - first.dueNanos) / NANOS_PER_SECOND;
  }

  /** The batches under way. */
  synchronized int underWay() {
    return pace.underWay();
  }

  /** The batches that have begun. */
  public synchronized long batches() {
    return pace.begun();
  }

  /** Binds the metrics. */
  public void bindTo(Meters meters) {
    meters.counter(
        "pabal.connector.checkpoints", "Checkpoints of sessions that were sent", checkpoints);
    meters.counter("pabal.connector.releases", "Releases of sessions that were sent", releases);
    meters.counter(
        "pabal.connector.checkpoint.scripts",
        "Scripts that carried these checkpoints and releases",
        scripts);
    meters.gauge(
        "pabal.connector.checkpoints.waiting",
        "Live sessions with progress that waits for its checkpoint",
        waiting::get);
    meters.gauge(
        "pabal.connector.checkpoints.late.seconds",
        "By how much checkpoints come later than the interval",
        this::lateSeconds);
    meters.gauge(
        "pabal.connector.releases.waiting",
        "Ended sessions that wait for their release",
        releaseQueue::size);
  }

  /** Ends the walk. What was sent is still answered. */
  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(walker);
    begin();
  }

  private void walk() {
    while (!closed) {
      long nanos = tickNanos;
      try {
        nanos = step();
      } catch (Throwable e) {
        FatalError.endProcessIf(e);
        log.error("checkpoints not begun, they are tried again", e);
      }
      if (nanos == Long.MAX_VALUE) {
        LockSupport.park(this);
      } else {
        LockSupport.parkNanos(this, nanos);
      }
    }
  }

  private long turnAt(long nowNanos) {
    // Not in one product, which would overflow.
    return Math.floorDiv(nowNanos, intervalNanos) * buckets.length
        + Math.floorMod(nowNanos, intervalNanos) * buckets.length / intervalNanos;
  }

  /** After a time in which no session waited, the walk goes on from the present turn. */
  private void resumeWalk() {
    synchronized (this) {
      turn = Math.max(turn, turnAt(nanoTime.getAsLong()));
    }
    LockSupport.unpark(walker);
  }

  private void turnOf(Bucket bucket, long nowNanos) {
    if (bucket.due) {
      return; // what moved since its last turn waits for the next one
    }
    List<Checkpointed> sessions = bucket.take();
    if (!sessions.isEmpty()) {
      bucket.due = true;
      due.add(new Turn(bucket, sessions, nowNanos));
    }
  }

  /** Begins batches while the bounds allow more: on the walk's thread, if there is one. */
  private void begin() {
    Thread present = walker;
    if (present != null && present != Thread.currentThread() && !closed) {
      LockSupport.unpark(present);
      return;
    }
    // A batch may end before its call returns, and calls this again: only the outermost call
    // begins.
    if (begins.getAndIncrement() > 0) {
      return;
    }
    int served;
    do {
      served = begins.get();
      for (Runnable batch = next(); batch != null; batch = next()) {
        batch.run();
      }
    } while (begins.addAndGet(-served) > 0);
  }

  private synchronized @Nullable Runnable next() {
    if (!pace.allowsRelease()) {
      return null;
    }
    List<ReleaseQueue.Release> released = releaseQueue.take(SCRIPT_SESSIONS_MAX);
    if (!released.isEmpty()) {
      pace.releaseBegun();
      return () -> write(released);
    }
    Turn first = due.peek();
    if (first == null || !store.takesProgress()) {
      return null;
    }
    int left = first.sessions.size() - first.begun;
    int count = pace.allowed(Math.min(left, SCRIPT_SESSIONS_MAX), nanoTime.getAsLong());
    if (count == 0) {
      return null;
    }
    List<Checkpointed> taken = first.sessions.subList(first.begun, first.begun + count);
    first.begun += count;
    if (count == left) {
      due.remove();
      first.bucket.due = false;
    }
    pace.begun(count);
    waiting.addAndGet(-count);
    return new CheckpointBatch(taken, store, this::checkpointsEnded)::start;
  }

  private void write(List<ReleaseQueue.Release> released) {
    long sentNanos = System.nanoTime();
    try {
      store
          .write(released.stream().map(ReleaseQueue.Release::write).toList())
          .whenComplete(
              (results, failure) -> {
                releases.add(released.size());
                ended(System.nanoTime() - sentNanos, failure);
                ReleaseQueue.complete(released, results, failure);
              });
    } catch (Throwable e) {
      FatalError.endProcessIf(e);
      ended(0, e);
      ReleaseQueue.complete(released, null, e);
    }
  }

  private void checkpointsEnded(int sent, long nanos, @Nullable Throwable failure) {
    checkpoints.add(sent);
    if (sent > 0) {
      ended(nanos, failure);
    } else {
      unsent();
    }
  }

  private void ended(long nanos, @Nullable Throwable failure) {
    scripts.increment();
    synchronized (this) {
      pace.ended(nanos, failure != null);
    }
    begin();
  }

  private void unsent() {
    synchronized (this) {
      pace.ended(0, false);
    }
    begin();
  }
}
