// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.session;

import static io.pabal.sessioncache.redis.RedisLink.bytes;
import static io.pabal.sessioncache.redis.RedisLink.number;
import static io.pabal.sessioncache.redis.RedisLink.text;

import io.pabal.sessioncache.redis.LuaScript;
import io.pabal.sessioncache.redis.RedisLink;
import io.pabal.sessioncache.redis.RedisProblem;
import io.pabal.telemetry.Meters;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The sessions in Redis: the owner, the subscriptions and the cursors of each session.
 *
 * <p><b>Two owners never both write.</b> A claim gives the session a new <em>epoch</em>, which is
 * higher than every earlier epoch, and every write carries the epoch of its claim. Each operation
 * is one Lua script, and Redis runs one script at a time. The script compares the epochs for
 * equality: it writes when they are equal, and writes nothing when they differ or no session is
 * stored. An owner that was frozen, partitioned or slow therefore gets {@link FenceResult#FENCED},
 * and closes the network connection that it still holds.
 *
 * <p>The epoch is the greater of the stored epoch + 1 and Redis's clock in microseconds. The clock
 * makes an epoch unique when no earlier epoch is stored: after a session has expired or was
 * deleted, or after Redis was flushed. An epoch would repeat only if Redis's clock were set back in
 * exactly that situation.
 *
 * <p><b>A claim without a reply</b> may run late, when its caller has given it up. The session
 * would then seem live for a day. Every claim therefore has a name. When a claim gets no reply, a
 * second operation ends the claim of that name, and is repeated until Redis replies to it ({@link
 * Repeats}).
 *
 * <p><b>When Redis loses its data</b>, all of it or the newest (Redis was emptied, went back to an
 * earlier state, or a lagging replica took over), the owner of a session gets {@link
 * FenceResult#LOST}, and has to {@link #restore} the session. The owner counts its writes, each
 * write carries the number of the newest one that Redis has confirmed, and the script compares: a
 * stored number that is lower shows that Redis has lost a confirmed write. A claim of which no
 * trace is left, or an older one, is lost, too; the end of a claim leaves a trace when another
 * owner may not know of it yet.
 *
 * <p>The owner of an idle session writes nothing, so it learns of a loss by watching {@link
 * #generations}: the <em>generation</em> of a {@linkplain SessionKeys bucket} is the clock at which
 * its present data began. A primary that loses its data costs its buckets only.
 *
 * <p><b>Expiry.</b> The TTL of a released session is its Session Expiry Interval (MQTT 5,
 * 3.1.2.11.2). The TTL of a claimed session is that interval plus 24 h, renewed by {@link #touch}.
 * Redis thus deletes the session of a crashed connector, even when no connector ever releases it. A
 * session whose expiry is 0 stores no subscriptions, and the next claim does not find it.
 *
 * <p>Thread-safe. Calls do not block; stages complete on a Lettuce thread. A stage completes
 * exceptionally when the connection to Redis is down or Redis does not reply: it is then unknown
 * whether the operation took place. Progress has a connection of its own, so a {@link #write} may
 * be applied before or after an operation that was called in the opposite order; other operations
 * on one session are applied in the order of the calls, except in the moment after a restart of
 * Redis. A caller that depends on the order of two operations waits for the first one.
 */
public final class SessionStore {

  /** The Session Expiry Interval of a session that never expires (MQTT 5, 3.1.2.11.2). */
  public static final long EXPIRY_NEVER = 4_294_967_295L;

  /** The generation of a bucket in which no session was written since Redis was empty. */
  public static final long NO_GENERATION = 0;

  /** Stands for the generation of a bucket whose primary has not replied. */
  public static final long GENERATION_UNKNOWN = -1;

  private static final LuaScript CLAIM = script("claim.lua");
  private static final LuaScript BEGIN = script("fence.lua", "begin.lua");
  private static final LuaScript ABANDON = script("fence.lua", "abandon.lua");
  private static final LuaScript DISOWN = script("disown.lua");
  private static final LuaScript RESTORE = script("restore.lua");
  private static final LuaScript PUT_FEEDS = script("fence.lua", "feeds.lua");
  private static final LuaScript TOUCH = script("fence.lua", "touch.lua");
  private static final LuaScript PROGRESS = script("progress.lua");
  private static final LuaScript PROBE = script("probe.lua");

  /** A write's reply: the session's key is no hash. */
  private static final int NO_HASH = -2;

  /** A claim's reply: the stored session is resumed. */
  private static final int PRESENT = 1;

  /** A claim's reply: a session is stored, and the clean start ends it. */
  private static final int DROPPED = 2;

  /** A claim's reply: no session is stored, and the new session has begun. */
  private static final int BEGUN = 3;

  /** A claim's reply: another connector owns the session. */
  private static final int OWNED = 4;

  private final RedisLink redis;
  private final RedisLink progressLink;
  private final Repeats repeats;
  private final AtomicLong claimNames = new AtomicLong(ThreadLocalRandom.current().nextLong());

  /** The sessions behind a connection, which is used for everything. */
  public SessionStore(RedisLink redis) {
    this(redis, redis);
  }

  /**
   * The sessions behind two connections.
   *
   * @param progressLink the connection for {@link #write}, so that claims do not wait behind it
   */
  public SessionStore(RedisLink redis, RedisLink progressLink) {
    this.redis = redis;
    this.progressLink = progressLink;
    this.repeats = new Repeats(redis, Repeats.CERTAIN_AFTER);
  }

  /**
   * Claims a session. The previous owner is fenced from now on. Unless the session has {@linkplain
   * Claim#begun begun}, the caller has to call {@link #begin} next.
   *
   * <p>A session that ends with its connection (expiry 0) begins with its claim when no session is
   * stored. That is safe even if the client is gone and never learns of the session: the claim
   * drops nothing, and the next claim does not find the session. A session that outlives its
   * connection does not begin with its claim: the next claim would find a session that its client
   * does not know of.
   */
  public CompletionStage<Claim> claim(ClaimRequest request) {
    return claim(request, /* owned= */ true).thenApply(Claim.class::cast);
  }

  /**
   * Claims a session as {@link #claim} does, unless another connector owns it. That connector may
   * have progress that it has not written yet; the caller can ask it to release the session first.
   */
  public CompletionStage<ClaimReply> claimUnlessOwned(ClaimRequest request) {
    return claim(request, /* owned= */ false);
  }

  private CompletionStage<ClaimReply> claim(ClaimRequest request, boolean owned) {
    String name = nextClaimName();
    boolean sent = redis.isOpen();
    return redis
        .run(
            CLAIM,
            SessionKeys.of(request.clientId()),
            bytes(request.connectorId()),
            bytes(request.incarnation()),
            bytes(request.cleanStart() ? 1 : 0),
            bytes(request.expirySeconds()),
            bytes(name),
            bytes(owned ? 1 : 0))
        .thenApply(reply -> claimOf(request.clientId(), reply))
        .whenComplete((claim, failure) -> disown(request.clientId(), name, sent, failure));
  }

  /**
   * Begins the session of a claim that resumes none, because no session is stored or because of a
   * clean start. The stored session is dropped only now, when the client is still connected and can
   * be told. Called before any other write under such a claim; until then the next claim finds the
   * session as it was.
   */
  public CompletionStage<FenceResult> begin(SessionClaim claim, long expirySeconds) {
    checkExpiry(expirySeconds);
    List<byte[]> arguments = arguments(claim, 1);
    arguments.add(bytes(expirySeconds));
    return fenced(BEGIN, claim, arguments);
  }

  /**
   * Ends a claim whose client is gone; the stored session stays as it is. Repeated until Redis
   * replies.
   */
  public CompletionStage<FenceResult> abandon(SessionClaim claim) {
    return repeated(() -> fenced(ABANDON, claim, arguments(claim, 0)));
  }

  /**
   * Adds feeds with their subscriptions, or replaces the subscriptions of those that are stored. A
   * cursor that is lower than the stored one is ignored. Stores nothing, and is APPLIED, when the
   * session's expiry is 0.
   */
  public CompletionStage<FenceResult> putFeeds(SessionClaim claim, List<StoredFeed> feeds) {
    return putFeeds(claim, feeds, List.of());
  }

  /**
   * As {@link #putFeeds(SessionClaim, List)}; also removes feeds with their cursors.
   *
   * @param removed the names of the feeds; names of feeds that are not stored are ignored
   */
  public CompletionStage<FenceResult> putFeeds(
      SessionClaim claim, List<StoredFeed> feeds, List<String> removed) {
    List<byte[]> arguments = arguments(claim, 1 + removed.size() + 2 * feeds.size());
    arguments.add(bytes(removed.size()));
    removed.forEach(name -> arguments.add(bytes(name)));
    addFeeds(arguments, feeds);
    return fenced(PUT_FEEDS, claim, arguments);
  }

  /**
   * Writes the progress of several sessions of one bucket in one script. A session that is fenced
   * or lost has no effect on the others. A cursor that is lower than the stored one, or whose feed
   * is not stored (any more), is ignored.
   *
   * <p>A release that gets no reply is repeated until Redis replies, so that its session does not
   * seem live when Redis is back. A checkpoint is not.
   *
   * @param writes at least one; all of sessions in the same {@linkplain SessionKeys#bucket bucket}
   * @return one result for each write, in the order of {@code writes}; empty where the session's
   *     key holds something else
   */
  public CompletionStage<List<Optional<FenceResult>>> write(List<ProgressWrite> writes) {
    return writeOnce(writes)
        .whenComplete(
            (results, failure) -> {
              if (failure != null) {
                for (ProgressWrite each : writes) {
                  if (each.isRelease()) {
                    repeats.untilAnswered(() -> writeOnce(List.of(each)));
                  }
                }
              }
            });
  }

  private CompletionStage<List<Optional<FenceResult>>> writeOnce(List<ProgressWrite> writes) {
    int bucket = SessionKeys.bucket(writes.getFirst().claim().clientId());
    String[] keys = new String[writes.size() + 1];
    List<byte[]> arguments = new ArrayList<>(6 * writes.size());
    for (int i = 0; i < writes.size(); i++) {
      ProgressWrite write = writes.get(i);
      String clientId = write.claim().clientId();
      if (SessionKeys.bucket(clientId) != bucket) {
        throw new IllegalArgumentException(
            "session %s: its bucket is %d (expected: %d, that of the other sessions)"
                .formatted(clientId, SessionKeys.bucket(clientId), bucket));
      }
      keys[i] = SessionKeys.session(bucket, clientId);
      write.addTo(arguments);
    }
    keys[writes.size()] = SessionKeys.generation(bucket);
    return progressLink
        .run(PROGRESS, keys, arguments.toArray(byte[][]::new))
        .thenApply(reply -> reply.stream().map(each -> written(number(each))).toList());
  }

  /** Whether {@link #write} can reach Redis: its connection is open. Any thread. */
  public boolean takesProgress() {
    return progressLink.isOpen();
  }

  /** Writes the progress of one session, as {@link #write} does. */
  public CompletionStage<FenceResult> checkpoint(SessionClaim claim, SessionProgress progress) {
    return single(ProgressWrite.checkpoint(claim, progress));
  }

  /**
   * Keeps a claimed session from expiring. Called every few hours, since checkpoints do not renew
   * the expiry: a claimed session expires 24 h and its expiry after the last renewal.
   */
  public CompletionStage<FenceResult> touch(SessionClaim claim) {
    return fenced(TOUCH, claim, arguments(claim, 0));
  }

  /**
   * Ends a claim because the network connection ended: writes progress, and starts the session's
   * expiry. The release of one session, as {@link #write} does it.
   *
   * @param expirySeconds how long the session is kept from now on; 0 deletes it, {@link
   *     #EXPIRY_NEVER} keeps it for ever
   */
  public CompletionStage<FenceResult> release(
      SessionClaim claim, SessionProgress progress, long expirySeconds) {
    return single(ProgressWrite.release(claim, progress, expirySeconds));
  }

  /**
   * Writes a {@link FenceResult#LOST} session again, under a new claim of the same owner.
   *
   * @param lost the claim that Redis has lost
   * @param owner the connector that held this claim
   * @param expirySeconds as in {@link ClaimRequest}; 0 writes the claim only
   * @return the new claim; empty when the session has been claimed again since
   */
  public CompletionStage<Optional<RestoredClaim>> restore(
      SessionClaim lost,
      Owner owner,
      long expirySeconds,
      List<StoredFeed> feeds,
      List<StoredDelivery> inFlight) {
    checkExpiry(expirySeconds);
    String name = nextClaimName();
    List<byte[]> arguments = new ArrayList<>(6 + 2 * feeds.size());
    arguments.add(bytes(lost.epoch()));
    arguments.add(bytes(owner.connectorId()));
    arguments.add(bytes(owner.incarnation()));
    arguments.add(bytes(expirySeconds));
    arguments.add(InFlightFormat.encode(inFlight));
    arguments.add(bytes(name));
    addFeeds(arguments, feeds);
    boolean sent = redis.isOpen();
    return redis
        .run(RESTORE, SessionKeys.of(lost.clientId()), arguments.toArray(byte[][]::new))
        .<Optional<RestoredClaim>>thenApply(
            reply -> {
              long epoch = number(reply.getFirst());
              return epoch == 0
                  ? Optional.empty()
                  : Optional.of(
                      new RestoredClaim(
                          new SessionClaim(lost.clientId(), epoch), number(reply.get(1))));
            })
        .whenComplete((claim, failure) -> disown(lost.clientId(), name, sent, failure));
  }

  /**
   * The generations of some buckets: the time at which the present data of a bucket began, in
   * microseconds of Redis's clock, or {@link #NO_GENERATION}. Another value than before means that
   * Redis has lost the sessions of the bucket.
   *
   * @param buckets {@linkplain SessionKeys#bucket buckets}
   * @return in the order of {@code buckets}; {@link #GENERATION_UNKNOWN} for a bucket whose primary
   *     does not reply while others do
   */
  public CompletionStage<long[]> generations(int[] buckets) {
    String[] keys = new String[buckets.length];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = SessionKeys.generation(buckets[i]);
    }
    return redis.numbers(keys, NO_GENERATION, GENERATION_UNKNOWN);
  }

  /**
   * A number that grows whenever a connection to Redis was opened again, or its primaries changed.
   * Redis may have lost its newest writes then: a primary that had them is gone, or has come back
   * without them. Any thread; sends no command.
   */
  public long changes() {
    return redis.changes();
  }

  /**
   * Runs the commands of the other operations on the session of an empty client identifier, which
   * no client has, and leaves nothing behind. {@link RedisLink#problem} gives the result.
   */
  public void probe() {
    var _ = redis.probe(PROBE, SessionKeys::ofProbe);
    if (progressLink != redis) {
      var _ = progressLink.probe(PROBE, SessionKeys::ofProbe);
    }
  }

  static void checkExpiry(long expirySeconds) {
    if (expirySeconds < 0 || expirySeconds > EXPIRY_NEVER) {
      throw new IllegalArgumentException(
          "expirySeconds: %d (expected: 0-%d)".formatted(expirySeconds, EXPIRY_NEVER));
    }
  }

  /** Binds the metrics of the operations that wait to be repeated. */
  public void bindTo(Meters meters) {
    repeats.bindTo(meters);
  }

  /** The number of operations that wait to be repeated. */
  int repeats() {
    return repeats.count();
  }

  /** The number of these operations that are due: they are repeated within a second. */
  int repeatsDue() {
    return repeats.dueCount();
  }

  /** A name that no other claim of any connector has, except with a chance of one in 2^62. */
  private String nextClaimName() {
    return Long.toString(claimNames.incrementAndGet() & Long.MAX_VALUE);
  }

  /** Ends the claim of a failed call, unless the call was never sent. */
  private void disown(String clientId, String name, boolean sent, @Nullable Throwable failure) {
    if (failure != null && sent && !RedisProblem.isNotSent(failure)) {
      repeats.untilCertain(() -> redis.run(DISOWN, SessionKeys.of(clientId), bytes(name)));
    }
  }

  private CompletionStage<FenceResult> repeated(Supplier<CompletionStage<FenceResult>> operation) {
    return operation
        .get()
        .whenComplete(
            (result, failure) -> {
              if (failure != null) {
                repeats.untilAnswered(operation);
              }
            });
  }

  private CompletionStage<FenceResult> fenced(
      LuaScript script, SessionClaim claim, List<byte[]> arguments) {
    return redis
        .run(script, SessionKeys.of(claim.clientId()), arguments.toArray(byte[][]::new))
        .thenApply(reply -> resultOf(number(reply.getFirst())));
  }

  private CompletionStage<FenceResult> single(ProgressWrite write) {
    return write(List.of(write))
        .thenApply(
            results ->
                results
                    .getFirst()
                    .orElseThrow(
                        () ->
                            new IllegalStateException(
                                "session %s: its key holds something else (expected: a hash)"
                                    .formatted(write.claim().clientId()))));
  }

  private static Optional<FenceResult> written(long reply) {
    return reply == NO_HASH ? Optional.empty() : Optional.of(resultOf(reply));
  }

  private static FenceResult resultOf(long reply) {
    return switch ((int) reply) {
      case 1 -> FenceResult.APPLIED;
      case 0 -> FenceResult.FENCED;
      default -> FenceResult.LOST;
    };
  }

  /** The arguments of a fenced script, with room for {@code more} of them. */
  private static List<byte[]> arguments(SessionClaim claim, int more) {
    List<byte[]> arguments = new ArrayList<>(3 + more);
    arguments.add(bytes(claim.epoch()));
    arguments.add(bytes(claim.confirmed()));
    arguments.add(bytes(claim.write()));
    return arguments;
  }

  private static ClaimReply claimOf(String clientId, List<Object> reply) {
    long found = number(reply.get(2));
    if (found == OWNED) {
      var owner = new Owner(text(reply.get(3)), number(reply.get(4)));
      return new ClaimReply.Owned(owner, number(reply.get(1)));
    }
    List<StoredFeed> feeds = new ArrayList<>((reply.size() - 6) / 2);
    for (int i = 6; i < reply.size(); i += 2) {
      feeds.add(StoredFeed.parse(text(reply.get(i)), text(reply.get(i + 1))));
    }
    return new Claim(
        new SessionClaim(clientId, number(reply.get(1))),
        number(reply.get(0)),
        found == PRESENT,
        found == DROPPED,
        found == PRESENT || found == BEGUN,
        ownerOf(text(reply.get(3)), text(reply.get(4))),
        List.copyOf(feeds),
        InFlightFormat.decode((byte[]) reply.get(5)));
  }

  private static @Nullable Owner ownerOf(String connectorId, String incarnation) {
    return connectorId.isEmpty() ? null : new Owner(connectorId, Long.parseLong(incarnation));
  }

  private static void addFeeds(List<byte[]> arguments, List<StoredFeed> feeds) {
    for (StoredFeed feed : feeds) {
      arguments.add(bytes(feed.name()));
      arguments.add(bytes(feed.fieldValue()));
    }
  }

  private static LuaScript script(String... resources) {
    List<String> all = new ArrayList<>(List.of("session.lua"));
    all.addAll(List.of(resources));
    return LuaScript.load(SessionStore.class, all.toArray(String[]::new));
  }
}
