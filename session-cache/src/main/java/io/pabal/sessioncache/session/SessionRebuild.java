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
 * Writes sessions again that Redis has lost, while connectors claim and restore others.
 *
 * <p><b>Whoever holds the session wins.</b> A rebuilt session has no owner, and an epoch <em>one
 * lower</em> than the newest claim that is known of. So a connector that still holds that claim
 * finds at its next write that Redis has lost it ({@link FenceResult#LOST}) and not that somebody
 * else has it, and writes the session again as it is now ({@link SessionStore#restore}). Whoever
 * has claimed the session since the loss has a higher epoch, and nothing is written at all.
 *
 * <p><b>Cursors never fall.</b> Where Redis has an older state (a replica that lagged took over),
 * each cursor is the higher of both. Writing the same session again changes nothing.
 *
 * <p>What was in flight is not known: it is sent again without DUP, under other packet identifiers.
 * Thread-safe; nothing blocks.
 */
public final class SessionRebuild {

  private static final LuaScript REBUILD =
      LuaScript.load(SessionRebuild.class, "session.lua", "rebuild.lua");

  private final RedisLink redis;

  /** The sessions behind a connection. */
  public SessionRebuild(RedisLink redis) {
    this.redis = redis;
  }

  /**
   * Writes a session.
   *
   * @return false when what Redis has is as new, or newer
   */
  public CompletionStage<Boolean> rebuild(RebuiltSession session) {
    return run(session, /* write= */ true);
  }

  /** What {@link #rebuild} would answer now; writes nothing. */
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
        .run(REBUILD, SessionStore.keys(session.clientId()), arguments.toArray(byte[][]::new))
        .thenApply(reply -> number(reply.getFirst()) == 1);
  }
}
