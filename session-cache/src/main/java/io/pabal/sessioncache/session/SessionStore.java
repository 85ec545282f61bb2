// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.session;

import static io.pabal.sessioncache.redis.RedisLink.bytes;
import static io.pabal.sessioncache.redis.RedisLink.number;
import static io.pabal.sessioncache.redis.RedisLink.text;

import io.pabal.sessioncache.redis.LuaScript;
import io.pabal.sessioncache.redis.RedisLink;
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
 * Who owns a session, what it is subscribed to, and how far it has come.
 *
 * <p><b>Why two owners can never both write.</b> A claim gives the session a new <em>epoch</em>,
 * higher than every earlier one, and every write names the epoch of its claim. Each operation is
 * one Lua script, which Redis runs alone: it compares the epoch for equality and writes, or finds
 * another epoch (or no session) and writes nothing. An owner that was frozen, cut off or slow thus
 * learns from {@link FenceResult#FENCED} that it has to close the connection it still holds.
 *
 * <p>The epoch is the greater of the stored epoch + 1 and Redis's clock in microseconds. The clock
 * is what makes an epoch unique when nothing is stored to count on: after a session expired, was
 * deleted, or Redis was flushed. It would repeat only if Redis's clock were set back in that very
 * situation.
 *
 * <p><b>A claim without an answer</b> may run later, when nobody wants it any more: the session
 * would seem live for a day. So every claim has a name, and one that had no answer is ended by its
 * name, again and again until Redis has answered that ({@link Repeats}).
 *
 * <p><b>When Redis loses its data</b> (it was emptied, or a replica that lagged took over), its
 * owner learns from {@link FenceResult#LOST} that it has to {@link #restore} the session. That the
 * claim was lost, and not ended by somebody else, is told by the <em>generation</em>, the clock at
 * which the data began: a claim without any trace was lost if its epoch is lower. The owner of a
 * quiet session learns of it by watching {@link #generation}.
 *
 * <p><b>Expiry.</b> A released session has the TTL of its expiry. A claimed one has its expiry and
 * 24 h more, renewed by {@link #checkpoint} and {@link #touch}, so that what a crashed connector
 * left behind goes away, even when nobody ever released it. A session whose expiry is 0 stores no
 * subscriptions, and is not found by the next claim.
 *
 * <p>Thread-safe. Nothing blocks; stages complete on a Lettuce thread, exceptionally when Redis is
 * away or does not answer: it is then unknown whether the operation took place. Operations of one
 * session are applied in the order of the calls, except in the moment after a restart of Redis: who
 * depends on the order of two of them waits for the first.
 */
public final class SessionStore {

  /** The Session Expiry Interval of a session that never expires (MQTT 5, 3.1.2.11.2). */
  public static final long EXPIRY_NEVER = 4_294_967_295L;

  private static final String GENERATION_KEY = "pabal:session-generation";

  private static final LuaScript CLAIM = script("claim.lua");
  private static final LuaScript BEGIN = script("fence.lua", "begin.lua");
  private static final LuaScript ABANDON = script("fence.lua", "abandon.lua");
  private static final LuaScript DISOWN = script("disown.lua");
  private static final LuaScript RESTORE = script("restore.lua");
  private static final LuaScript SUBSCRIBE = script("fence.lua", "subscribe.lua");
  private static final LuaScript UNSUBSCRIBE = script("fence.lua", "unsubscribe.lua");
  private static final LuaScript CHECKPOINT = script("fence.lua", "checkpoint.lua");
  private static final LuaScript TOUCH = script("fence.lua", "touch.lua");
  private static final LuaScript RELEASE = script("fence.lua", "release.lua");
  private static final LuaScript PROBE = script("probe.lua");
  private static final LuaScript GENERATION = script("generation.lua");

  /** What a claim found: a session that goes on. */
  private static final int PRESENT = 1;

  /** A session that a clean start ends. */
  private static final int DROPPED = 2;

  /** Nothing, and the new session has begun. */
  private static final int BEGUN = 3;

  private final RedisLink redis;
  private final Repeats repeats;
  private final AtomicLong claimNames = new AtomicLong(ThreadLocalRandom.current().nextLong());

  /** The sessions behind a connection. */
  public SessionStore(RedisLink redis) {
    this.redis = redis;
    this.repeats = new Repeats(redis);
  }

  /**
   * Takes a session over. Whoever held it before is fenced from now on. Unless it has {@linkplain
   * Claim#begun begun}, the claim is to be followed by {@link #begin}.
   *
   * <p>A session that ends with its connection begins with its claim when nothing is stored: it
   * drops nothing, and the next claim does not find it, even if its client is gone and was never
   * told. One that outlives its connection would be found, as a session that its client does not
   * know of.
   */
  public CompletionStage<Claim> claim(ClaimRequest request) {
    String name = nextClaimName();
    boolean sent = redis.isOpen();
    return redis
        .run(
            CLAIM,
            keys(request.clientId()),
            bytes(request.connectorId()),
            bytes(request.incarnation()),
            bytes(request.cleanStart() ? 1 : 0),
            bytes(request.expirySeconds()),
            bytes(name))
        .thenApply(reply -> claimOf(request.clientId(), reply))
        .whenComplete((claim, failure) -> disown(request.clientId(), name, sent, failure));
  }

  /**
   * Begins the session of a claim that found none, or was not to find it: what was stored is
   * dropped only now, when the client is there to be told so. To be called before any other write
   * under such a claim; until then the next claim finds the session as it was.
   */
  public CompletionStage<FenceResult> begin(SessionClaim claim, long expirySeconds) {
    checkExpiry(expirySeconds);
    return fenced(BEGIN, claim, List.of(bytes(claim.epoch()), bytes(expirySeconds)));
  }

  /**
   * Gives up a claim whose client is not there any more; the session stays as it is stored. Is
   * tried again when Redis does not answer.
   */
  public CompletionStage<FenceResult> abandon(SessionClaim claim) {
    return repeated(() -> fenced(ABANDON, claim, List.of(bytes(claim.epoch()))));
  }

  /**
   * Adds subscriptions, or replaces options and cursor of those that exist. Stores nothing, and is
   * APPLIED, when the session's expiry is 0.
   */
  public CompletionStage<FenceResult> subscribe(
      SessionClaim claim, List<StoredSubscription> subscriptions) {
    List<byte[]> arguments = new ArrayList<>(1 + 2 * subscriptions.size());
    arguments.add(bytes(claim.epoch()));
    addSubscriptions(arguments, subscriptions);
    return fenced(SUBSCRIBE, claim, arguments);
  }

  /** Removes subscriptions with their cursors; those that do not exist are passed over. */
  public CompletionStage<FenceResult> unsubscribe(SessionClaim claim, List<String> addresses) {
    List<byte[]> arguments = new ArrayList<>(1 + addresses.size());
    arguments.add(bytes(claim.epoch()));
    addresses.forEach(address -> arguments.add(bytes(address)));
    return fenced(UNSUBSCRIBE, claim, arguments);
  }

  /**
   * Advances cursors and replaces what is in flight. A cursor that is lower than the stored one, or
   * whose address is not subscribed (any more), is passed over.
   */
  public CompletionStage<FenceResult> checkpoint(SessionClaim claim, SessionProgress progress) {
    List<byte[]> arguments = new ArrayList<>(2 + 2 * progress.cursors().size());
    arguments.add(bytes(claim.epoch()));
    addProgress(arguments, progress);
    return fenced(CHECKPOINT, claim, arguments);
  }

  /**
   * Keeps a claimed session from expiring; to be called every few hours for sessions that have no
   * checkpoints.
   */
  public CompletionStage<FenceResult> touch(SessionClaim claim) {
    return fenced(TOUCH, claim, List.of(bytes(claim.epoch())));
  }

  /**
   * Ends a claim because the network connection ended: writes progress like {@link #checkpoint} and
   * starts the session's expiry. Is tried again when Redis does not answer, so that the session
   * does not seem live when Redis is back.
   *
   * @param expirySeconds how long the session is kept from now on; 0 deletes it, {@link
   *     #EXPIRY_NEVER} keeps it for ever
   */
  public CompletionStage<FenceResult> release(
      SessionClaim claim, SessionProgress progress, long expirySeconds) {
    checkExpiry(expirySeconds);
    List<byte[]> arguments = new ArrayList<>(3 + 2 * progress.cursors().size());
    arguments.add(bytes(claim.epoch()));
    arguments.add(bytes(expirySeconds));
    addProgress(arguments, progress);
    return repeated(() -> fenced(RELEASE, claim, arguments));
  }

  /**
   * Writes a session again that was {@link FenceResult#LOST}, under a new claim of the same owner.
   *
   * @param lost the claim that Redis does not know any more
   * @param owner who has it
   * @param expirySeconds as in {@link ClaimRequest}; with 0 the claim alone is written
   * @return the new claim; empty when somebody else has claimed the session since
   */
  public CompletionStage<Optional<SessionClaim>> restore(
      SessionClaim lost,
      Owner owner,
      long expirySeconds,
      List<StoredSubscription> subscriptions,
      List<StoredDelivery> inFlight) {
    checkExpiry(expirySeconds);
    String name = nextClaimName();
    List<byte[]> arguments = new ArrayList<>(6 + 2 * subscriptions.size());
    arguments.add(bytes(lost.epoch()));
    arguments.add(bytes(owner.connectorId()));
    arguments.add(bytes(owner.incarnation()));
    arguments.add(bytes(expirySeconds));
    arguments.add(InFlightFormat.encode(inFlight));
    arguments.add(bytes(name));
    addSubscriptions(arguments, subscriptions);
    boolean sent = redis.isOpen();
    return redis
        .run(RESTORE, keys(lost.clientId()), arguments.toArray(byte[][]::new))
        .<Optional<SessionClaim>>thenApply(
            reply -> {
              long epoch = number(reply.getFirst());
              return epoch == 0
                  ? Optional.empty()
                  : Optional.of(new SessionClaim(lost.clientId(), epoch));
            })
        .whenComplete((claim, failure) -> disown(lost.clientId(), name, sent, failure));
  }

  /** When Redis's present data began: another value than before means that it lost all. */
  public CompletionStage<Long> generation() {
    return redis
        .run(GENERATION, new String[] {GENERATION_KEY})
        .thenApply(reply -> number(reply.getFirst()));
  }

  /**
   * Does all that the other operations do, on a session whose name no client can have (MQTT: a
   * client identifier is never empty), and leaves nothing behind.
   */
  public void probe() {
    var _ = redis.probe(PROBE, keys(""));
  }

  static void checkExpiry(long expirySeconds) {
    if (expirySeconds < 0 || expirySeconds > EXPIRY_NEVER) {
      throw new IllegalArgumentException(
          "expirySeconds: %d (expected: 0-%d)".formatted(expirySeconds, EXPIRY_NEVER));
    }
  }

  /** Binds what waits to be tried again. */
  public void bindTo(Meters meters) {
    repeats.bindTo(meters);
  }

  /** How many operations wait to be made again. */
  int repeats() {
    return repeats.count();
  }

  /** How many of these are to be made within a second. */
  int repeatsDue() {
    return repeats.dueCount();
  }

  /** Unique among all claims of all connectors, but for a chance of one in 2^62. */
  private String nextClaimName() {
    return Long.toString(claimNames.incrementAndGet() & Long.MAX_VALUE);
  }

  /** Ends a claim that failed, unless it was never sent. */
  private void disown(String clientId, String name, boolean sent, @Nullable Throwable failure) {
    if (failure != null && sent) {
      repeats.untilCertain(() -> redis.run(DISOWN, keys(clientId), bytes(name)));
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
        .run(script, keys(claim.clientId()), arguments.toArray(byte[][]::new))
        .thenApply(
            reply ->
                switch ((int) number(reply.getFirst())) {
                  case 1 -> FenceResult.APPLIED;
                  case 0 -> FenceResult.FENCED;
                  default -> FenceResult.LOST;
                });
  }

  private static Claim claimOf(String clientId, List<Object> reply) {
    long found = number(reply.get(1));
    List<StoredSubscription> subscriptions = new ArrayList<>((reply.size() - 5) / 2);
    for (int i = 5; i < reply.size(); i += 2) {
      subscriptions.add(StoredSubscription.parse(text(reply.get(i)), text(reply.get(i + 1))));
    }
    return new Claim(
        new SessionClaim(clientId, number(reply.get(0))),
        found == PRESENT,
        found == DROPPED,
        found == PRESENT || found == BEGUN,
        ownerOf(text(reply.get(2)), text(reply.get(3))),
        List.copyOf(subscriptions),
        InFlightFormat.decode((byte[]) reply.get(4)));
  }

  private static @Nullable Owner ownerOf(String connectorId, String incarnation) {
    return connectorId.isEmpty() ? null : new Owner(connectorId, Long.parseLong(incarnation));
  }

  private static void addSubscriptions(
      List<byte[]> arguments, List<StoredSubscription> subscriptions) {
    for (StoredSubscription subscription : subscriptions) {
      arguments.add(bytes(subscription.address()));
      arguments.add(bytes(subscription.fieldValue()));
    }
  }

  private static void addProgress(List<byte[]> arguments, SessionProgress progress) {
    arguments.add(InFlightFormat.encode(progress.inFlight()));
    for (StoredCursor cursor : progress.cursors()) {
      arguments.add(bytes(cursor.address()));
      arguments.add(bytes(cursor.cursor()));
    }
  }

  static String[] keys(String clientId) {
    return new String[] {"pabal:session:{" + clientId + "}", GENERATION_KEY};
  }

  private static LuaScript script(String... resources) {
    List<String> all = new ArrayList<>(List.of("session.lua"));
    all.addAll(List.of(resources));
    return LuaScript.load(SessionStore.class, all.toArray(String[]::new));
  }
}
