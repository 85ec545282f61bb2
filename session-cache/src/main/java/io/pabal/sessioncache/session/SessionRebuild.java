// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.session;

import static io.pabal.sessioncache.redis.RedisLink.bytes;
import static io.pabal.sessioncache.redis.RedisLink.number;

import io.pabal.sessioncache.redis.LuaScript;
import io.pabal.sessioncache.redis.RedisLink;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * Writes sessions that Redis has lost again, while connectors claim and restore other sessions.
 *
 * <p><b>A connector that holds the session wins.</b> A rebuilt session has no owner, and an epoch
 * <em>one lower</em> than the newest known claim. The next write of a connector that still holds
 * that claim therefore returns {@link FenceResult#LOST} and not {@link FenceResult#FENCED}, and the
 * connector writes the current session ({@link SessionStore#restore}). A session that was claimed
 * after the loss has a higher epoch, and is not rebuilt.
 *
 * <p><b>Cursors never fall.</b> When Redis has an older state (after a failover to a lagging
 * replica), each cursor becomes the higher of both. Writing the same session again changes nothing.
 *
 * <p>Deliveries in flight are not known: their messages are sent again without DUP, under other
 * packet identifiers. Thread-safe; does not block.
 */
public final class SessionRebuild {

  private static final LuaScript REBUILD =
      LuaScript.load(SessionRebuild.class, "session.lua", "rebuild.lua");

  private final RedisLink redis;

  /** A rebuild of the sessions in one Redis. */
  public SessionRebuild(RedisLink redis) {
    this.redis = redis;
  }

  /**
   * Writes a session.
   *
   * @return false when Redis has an equal or newer state: nothing was written
   */
  public CompletionStage<Boolean> rebuild(RebuiltSession session) {
    return run(session, /* write= */ true);
  }

  /** The result that {@link #rebuild} would have now; writes nothing. */
  public CompletionStage<Boolean> wouldRebuild(RebuiltSession session) {
    return run(session, /* write= */ false);
  }

  private CompletionStage<Boolean> run(RebuiltSession session, boolean write) {
    List<byte[]> arguments = new ArrayList<>(5 + 2 * session.subscriptions().size());
    arguments.add(bytes(session.epoch() - 1));
    arguments.add(bytes(session.expirySeconds()));
    arguments.add(bytes(session.leftSeconds()));
    arguments.add(bytes(session.complete() ? 1 : 0));
    arguments.add(bytes(write ? 1 : 0));
    for (StoredSubscription subscription : session.subscriptions()) {
      arguments.add(bytes(subscription.address()));
      arguments.add(bytes(subscription.fieldValue()));
    }
    return redis
        .run(REBUILD, SessionKeys.of(session.clientId()), arguments.toArray(byte[][]::new))
        .thenApply(reply -> number(reply.getFirst()) == 1);
  }
}
