// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import io.pabal.connector.loop.LoopContext;
import io.pabal.sessioncache.session.Claim;
import io.pabal.sessioncache.session.ClaimRequest;
import io.pabal.sessioncache.session.FenceResult;
import io.pabal.sessioncache.session.Owner;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The live sessions of this connector, at most one per client identifier. Safe for use by many
 * threads.
 *
 * <p>Who holds a session is decided by the epoch of its claim in Redis, here as everywhere: the
 * higher one wins.
 */
public final class SessionTable {

  private static final Logger log = LoggerFactory.getLogger(SessionTable.class);

  /** Tells another connector that one of its sessions was claimed; must not block. */
  public interface Evictor {
    /**
     * The session of {@code clientId} on connector {@code connectorId} is older than {@code epoch}.
     */
    void evict(String connectorId, String clientId, long epoch);
  }

  private final ConcurrentHashMap<String, Session> sessions = new ConcurrentHashMap<>();
  private final Owner owner;
  private final SessionServices services;
  private final Evictor evictor;

  /** An empty table for this connector and incarnation. */
  public SessionTable(
      String connectorId, long incarnation, SessionServices services, Evictor evictor) {
    this.owner = new Owner(connectorId, incarnation);
    this.services = services;
    this.evictor = evictor;
  }

  /**
   * Claims the session in Redis. A live session of the same client identifier on this connector is
   * ended first, so that its cursors are written before they are read; one on another connector is
   * told to end. Any thread; completes on some thread, exceptionally when Redis does not answer.
   */
  public CompletionStage<Claim> claim(SessionProfile profile) {
    Session local = sessions.get(profile.clientId());
    CompletionStage<Void> before =
        local == null ? CompletableFuture.completedFuture(null) : local.takeOver();
    return before
        .thenCompose(
            done ->
                services
                    .store()
                    .claim(
                        new ClaimRequest(
                            profile.clientId(),
                            owner.connectorId(),
                            owner.incarnation(),
                            profile.cleanStart(),
                            profile.expirySeconds())))
        .thenApply(
            claim -> {
              Owner previous = claim.previousOwner();
              if (previous != null && !previous.connectorId().equals(owner.connectorId())) {
                evict(previous.connectorId(), claim);
              }
              return claim;
            });
  }

  private void evict(String connectorId, Claim claim) {
    try {
      evictor.evict(connectorId, claim.session().clientId(), claim.session().epoch());
    } catch (RuntimeException | Error e) {
      abandon(claim);
      throw e;
    }
  }

  /** Begins a session under {@code claim}. On the connection's event loop. */
  public Session open(Claim claim, SessionProfile profile, LoopContext loop, Outbound outbound) {
    Session session = new Session(services, owner, loop, outbound, claim.session(), profile);
    Session[] outdated = new Session[1];
    sessions.compute(
        session.clientId(),
        (clientId, present) -> {
          boolean newer = present == null || present.claim().epoch() < session.claim().epoch();
          outdated[0] = newer ? present : session;
          return newer ? session : present;
        });
    try {
      if (outdated[0] != null) {
        outdated[0].takeOver();
      }
      if (claim.sessionDropped()) {
        services.events().expired(session, SessionEvents.CLEAN_START);
      }
      services.events().connected(session, claim.sessionPresent());
      return session;
    } catch (RuntimeException | Error e) {
      // The caller never has it, so nobody would end it.
      remove(session);
      throw e;
    }
  }

  /**
   * Begins the stored session unless it has begun with its claim; to be called when the client
   * still waits for its CONNACK. Any thread.
   */
  public CompletionStage<FenceResult> begin(Claim claim, SessionProfile profile) {
    return claim.begun()
        ? CompletableFuture.completedStage(FenceResult.APPLIED)
        : services.store().begin(claim.session(), profile.expirySeconds());
  }

  /** Gives up a claim whose connection was gone before the session could begin. */
  public void abandon(Claim claim) {
    services.store().abandon(claim.session());
  }

  /** Forgets a session that has ended. */
  public void remove(Session session) {
    sessions.remove(session.clientId(), session);
  }

  /** Another connector has claimed the session with {@code epoch}. Any thread. */
  public void evicted(String clientId, long epoch) {
    Session session = sessions.get(clientId);
    if (session != null && session.claim().epoch() < epoch) {
      session.takeOver();
    }
  }

  /** An operator ends the session that was claimed with {@code epoch} or before. Any thread. */
  public void kicked(String clientId, long epoch, boolean forget) {
    Session session = sessions.get(clientId);
    if (session != null && session.claim().epoch() <= epoch) {
      log.info("session kicked client={} forget={}", clientId, forget);
      session.kick(forget);
    }
  }

  /** All sessions, while they may come and go. Any thread. */
  public Iterable<Session> all() {
    return sessions.values();
  }

  /** How many sessions there are. */
  public int size() {
    return sessions.size();
  }
}
