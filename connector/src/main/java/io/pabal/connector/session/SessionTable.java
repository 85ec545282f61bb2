// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import io.pabal.connector.loop.LoopContext;
import io.pabal.sessioncache.session.Claim;
import io.pabal.sessioncache.session.ClaimRequest;
import io.pabal.sessioncache.session.FenceResult;
import io.pabal.sessioncache.session.Owner;
import io.pabal.sessioncache.session.SessionClaim;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The live sessions of this connector, at most one per client identifier. Safe for use by many
 * threads.
 *
 * <p>When two claims of one session meet, the epochs that Redis gave to the claims decide: the
 * session of the higher epoch stays, and the other session ends.
 */
public final class SessionTable {

  private static final Logger log = LoggerFactory.getLogger(SessionTable.class);

  /** The number of the write that begins a session, the first one under its claim. */
  private static final int BEGIN_WRITE = 1;

  /** Informs another connector that one of its sessions was claimed. Must not block. */
  public interface Evictor {
    /**
     * Requests that connector {@code connectorId} ends its session of {@code clientId} if that
     * session's epoch is lower than {@code epoch}.
     */
    void evict(String connectorId, String clientId, long epoch);
  }

  private final ConcurrentHashMap<String, Session> sessions = new ConcurrentHashMap<>();
  private final Owner owner;
  private final SessionServices services;
  private final Evictor evictor;
  private final SilentOwners silentOwners = new SilentOwners(System::nanoTime);

  /** An empty table for this connector and incarnation. */
  public SessionTable(
      String connectorId, long incarnation, SessionServices services, Evictor evictor) {
    this.owner = new Owner(connectorId, incarnation);
    this.services = services;
    this.evictor = evictor;
  }

  /**
   * Claims the session in Redis. A live session of this client identifier on this connector is
   * ended first, so that its cursors are written before the claim reads them. When another
   * connector owns the session, that connector is requested to end it, and the claim waits for that
   * ({@link TakeOver}). Any thread.
   *
   * @param timer ends the pauses of the wait; the event loop of the connection
   * @param replyDelays gets the time that each reply of Redis took, in nanoseconds, on any thread
   * @return completes on any thread; exceptionally when Redis does not answer
   */
  public CompletionStage<Claim> claim(
      SessionProfile profile, ScheduledExecutorService timer, LongConsumer replyDelays) {
    var request =
        new ClaimRequest(
            profile.clientId(),
            owner.connectorId(),
            owner.incarnation(),
            profile.cleanStart(),
            profile.expirySeconds());
    return new TakeOver(request, this, services, silentOwners, timer, replyDelays)
        .start()
        .thenApply(
            claim -> {
              Owner previous = claim.previousOwner();
              if (previous != null && !previous.connectorId().equals(owner.connectorId())) {
                evict(previous.connectorId(), claim);
              }
              return claim;
            });
  }

  /** Ends a live session of this client identifier on this connector. Any thread. */
  CompletionStage<Void> endLocal(String clientId) {
    Session local = sessions.get(clientId);
    return local == null ? CompletableFuture.completedFuture(null) : local.takeOver();
  }

  /** Requests that a connector ends a session that it claimed with a lower epoch. Any thread. */
  void evict(String connectorId, String clientId, long epoch) {
    evictor.evict(connectorId, clientId, epoch);
  }

  private void evict(String connectorId, Claim claim) {
    try {
      evictor.evict(connectorId, claim.session().clientId(), claim.session().epoch());
    } catch (RuntimeException | Error e) {
      abandon(claim);
      throw e;
    }
  }

  /**
   * Begins a session under {@code claim}. A live session of the client under an older claim ends.
   * Called on the connection's event loop only.
   *
   * @return the new session; it ends soon when a session under a newer claim is live already
   */
  public Session open(Claim claim, SessionProfile profile, LoopContext loop, Outbound outbound) {
    SessionClaim begun = claim.begun() ? claim.session() : claim.session().forWrite(0, BEGIN_WRITE);
    Session session = new Session(services, owner, loop, outbound, begun, profile);
    Session[] outdated = new Session[1];
    sessions.compute(
        session.clientId(),
        (clientId, present) -> {
          boolean newer = present == null || present.claim().epoch() < session.claim().epoch();
          outdated[0] = newer ? present : session;
          if (present == null) {
            services.generations().added(clientId);
          }
          return newer ? session : present;
        });
    services.generations().claimed(session.clientId(), claim.generation());
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
      // The caller does not receive the session, so the caller cannot end it.
      remove(session);
      throw e;
    }
  }

  /**
   * Begins the session in Redis, unless it has begun with its claim. To be called while the client
   * still waits for CONNACK. Any thread.
   */
  public CompletionStage<FenceResult> begin(Claim claim, SessionProfile profile) {
    return claim.begun()
        ? CompletableFuture.completedStage(FenceResult.APPLIED)
        : services.store().begin(claim.session().forWrite(0, BEGIN_WRITE), profile.expirySeconds());
  }

  /** Gives up a claim whose connection ended before the session could begin. Any thread. */
  public void abandon(Claim claim) {
    services.store().abandon(claim.session());
  }

  /** Removes a session that has ended. Any thread. */
  public void remove(Session session) {
    if (sessions.remove(session.clientId(), session)) {
      services.generations().removed(session.clientId());
    }
  }

  /**
   * Ends the session of {@code clientId} if its epoch is lower than {@code epoch}, because another
   * connector has claimed it. Any thread.
   */
  public void evicted(String clientId, long epoch) {
    Session session = sessions.get(clientId);
    if (session != null && session.claim().epoch() < epoch) {
      session.takeOver();
    }
  }

  /**
   * Ends the session of {@code clientId} at an operator's request, if it was claimed with {@code
   * epoch} or a lower one. Any thread.
   *
   * @param forget whether the stored state is deleted too
   */
  public void kicked(String clientId, long epoch, boolean forget) {
    Session session = sessions.get(clientId);
    if (session != null && session.claim().epoch() <= epoch) {
      log.info("session kicked client={} forget={}", clientId, forget);
      session.kick(forget);
    }
  }

  /** All sessions; weakly consistent while sessions begin and end. Any thread. */
  public Iterable<Session> all() {
    return sessions.values();
  }

  /** The number of live sessions. Any thread. */
  public int size() {
    return sessions.size();
  }
}
