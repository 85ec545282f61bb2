// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import io.pabal.connector.delivery.Address;
import io.pabal.connector.loop.LoopContext;
import io.pabal.schemas.DeliveryHeader;
import io.pabal.sessioncache.session.FenceResult;
import io.pabal.sessioncache.session.Owner;
import io.pabal.sessioncache.session.SessionClaim;
import io.pabal.sessioncache.session.SessionProgress;
import io.pabal.sessioncache.session.StoredCursor;
import io.pabal.sessioncache.session.StoredDelivery;
import io.pabal.sessioncache.session.StoredSubscription;
import io.pabal.telemetry.LogLimiter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One live MQTT session on this connector: from its claim in Redis to the end of its network
 * connection. State that outlives the connection is in Redis only. Used on the session's event loop
 * only, unless a method says otherwise.
 *
 * <p>Every write to Redis names the claim's epoch. When Redis answers that another claim has taken
 * the session, the session ends on this connector at once and writes nothing more.
 */
public final class Session implements LoopContext.Checkpointed {

  private static final Logger log = LoggerFactory.getLogger(Session.class);
  private static final LogLimiter NOT_RELEASED_LINES =
      LogLimiter.perSecond(count -> log.warn("sessions not released leftOut={}", count));
  private static final LogLimiter GAP_LINES =
      LogLimiter.perSecond(count -> log.warn("gaps leftOut={}", count));
  private static final LogLimiter FAILURE_LINES =
      LogLimiter.perSecond(count -> log.error("sessions failed leftOut={}", count));

  private final SessionServices services;
  private final LoopContext loop;
  private final Outbound outbound;
  private final SessionRecord record;
  private final Sender sender;

  /** By address. Most sessions have one subscription; their map is smaller than a HashMap. */
  private Map<String, Subscription> subscriptions = Map.of();

  private final CompletableFuture<Void> released = new CompletableFuture<>();
  private SessionProfile profile;
  private @Nullable Resumption resumption;
  private @Nullable CatchUp catchUp;
  private int subscriptionsBehind;
  private boolean moved;
  private long progressReportedNanos = System.nanoTime();
  private boolean checkpointing;
  private boolean ended;

  /** The state at the end of the session; null before. */
  private SessionRecord.@Nullable Snapshot last;

  Session(
      SessionServices services,
      Owner owner,
      LoopContext loop,
      Outbound outbound,
      SessionClaim claim,
      SessionProfile profile) {
    this.services = services;
    this.loop = loop;
    this.outbound = outbound;
    this.profile = profile;
    this.sender = new Sender(profile, outbound, services.metrics());
    this.record = new SessionRecord(owner, claim, this);
  }

  /** The MQTT client identifier. Any thread. */
  public String clientId() {
    return claim().clientId();
  }

  /** The client's CONNECT parameters, after the connector's limits were applied. */
  public SessionProfile profile() {
    return profile;
  }

  /** The claim whose epoch this session's writes name. Any thread. */
  SessionClaim claim() {
    return record.claim();
  }

  /** The session's state in Redis. Any thread. */
  SessionRecord record() {
    return record;
  }

  /** The number of subscriptions, including those that are not activated yet. */
  public int subscriptionCount() {
    return subscriptions.size();
  }

  /**
   * Resumes a stored session: its subscriptions, each from its cursor, and its deliveries in
   * flight.
   *
   * @param settled run once, when the resumption is complete or the session has ended
   */
  public void resume(
      List<StoredSubscription> stored, List<StoredDelivery> inFlight, Runnable settled) {
    Resumption begun = new Resumption(stored.size(), settled);
    resumption = begun;
    Runnable decided =
        () -> {
          begun.decided();
          settleResumption();
        };
    List<Subscription> resumed = stored.stream().map(this::add).toList();
    sender.restore(inFlight, this::subscription);
    for (Subscription each : resumed) {
      each.join();
      each.whenDecided(decided);
    }
    settleResumption();
  }

  /**
   * Subscribes (MQTT 5, 3.8).
   *
   * @param done called once with one outcome per request, in the order of {@code requests}; not
   *     called when the session ends before
   */
  public void subscribe(
      List<SubscribeRequest> requests, java.util.function.Consumer<List<SubscribeOutcome>> done) {
    new SubscribeOperation(this, services, requests, done).start();
  }

  /**
   * Unsubscribes (MQTT 5, 3.10). If Redis does not store the removal, the session ends.
   *
   * @param done called once with, per address, whether there was a subscription; not called when
   *     the session ends before
   */
  public void unsubscribe(List<String> addresses, java.util.function.Consumer<List<Boolean>> done) {
    List<Boolean> existed = new ArrayList<>(addresses.size());
    List<Subscription> gone = new ArrayList<>(addresses.size());
    List<Runnable> waiting = new ArrayList<>(0);
    for (String address : addresses) {
      Subscription subscription = subscriptions.get(address);
      existed.add(subscription != null);
      if (subscription != null) {
        waiting.add(detach(subscription));
        gone.add(subscription);
      }
    }
    if (!gone.isEmpty()) {
      services.events().unsubscribed(this, gone);
    }
    waiting.forEach(Runnable::run); // a SUBACK is sent before the UNSUBACK
    if (gone.isEmpty() || !profile.isPersistent()) {
      done.accept(existed);
      return;
    }
    record
        .unsubscribe(gone.stream().map(each -> each.address().name()).toList())
        .whenComplete(
            (result, error) ->
                onEventLoop(
                    () -> {
                      if (fenced(result)) {
                        return;
                      }
                      if (result != FenceResult.APPLIED) {
                        // No UNSUBACK is sent, so the client will unsubscribe again. The
                        // subscription is already removed from memory.
                        failed(notWritten(error));
                      } else if (!ended) {
                        done.accept(existed);
                      }
                    }));
  }

  /**
   * Takes a PUBACK (MQTT 5, 3.4).
   *
   * @param packetId the packet identifier, 1-65535
   * @return false when no delivery was in flight under the identifier
   */
  public boolean acknowledge(int packetId) {
    boolean known = sender.acknowledge(packetId);
    pumpCatchUp();
    return known;
  }

  /** To be called when the socket is writable again: resumes the catch-up. */
  public void writable() {
    pumpCatchUp();
  }

  /**
   * Changes the Session Expiry Interval, as a DISCONNECT may (MQTT 5, 3.14.2.2.2).
   *
   * @param changed seconds; 0: the session ends with its connection
   */
  public void expirySeconds(long changed) {
    profile = profile.withExpirySeconds(changed);
  }

  /**
   * Ends the session on this connector: gives up its addresses, writes its cursors a last time and
   * releases the claim. To be called when the final DISCONNECT is the only packet that may still be
   * sent to the client. Further calls have no effect.
   *
   * @return completes when Redis has answered or its timeout has passed
   */
  public CompletionStage<Void> end(EndReason reason) {
    if (ended) {
      return released;
    }
    ended = true;
    try {
      giveUp(reason);
    } catch (Throwable e) {
      // The addresses must stop delivering to this session, and no claim may wait forever for its
      // release.
      var _ = loop.caught(e);
      log.error("session not ended in good order client={}", clientId(), e);
      List.copyOf(subscriptions.values()).forEach(this::drop);
      released.complete(null);
    }
    return released;
  }

  private void drop(Subscription subscription) {
    try {
      subscription.address().remove(loop.index(), subscription);
      detach(subscription);
    } catch (Throwable e) {
      var _ = loop.caught(e);
      log.error("address not given up client={}", clientId(), e);
    }
  }

  private void giveUp(EndReason reason) {
    services.metrics().disconnects.increment(reason);
    settleResumption();
    sender.close();
    List<Subscription> held = List.copyOf(subscriptions.values());
    services.events().ended(this, reason, profile.isPersistent() ? held : List.of());
    if (!profile.isPersistent()) {
      services.events().expired(this, SessionEvents.CONNECTION_ENDED);
    }
    SessionRecord.Snapshot picture = picture();
    last = picture;
    SessionProgress progress =
        profile.isPersistent()
            ? new SessionProgress(cursors(held), picture.inFlight())
            : SessionProgress.NONE;
    for (Subscription subscription : held) {
      detach(subscription).run();
    }
    record
        .release(progress, picture)
        .whenComplete(
            (result, error) -> {
              if (error != null && NOT_RELEASED_LINES.allows()) {
                log.warn(
                    "session not released client={} reason=\"{}\" effect=\"duplicates since the"
                        + " last checkpoint\"",
                    clientId(),
                    error.getMessage());
              }
              released.complete(null);
            });
  }

  /**
   * Ends the session because another connection claims it. Any thread.
   *
   * @return completes when the session is released
   */
  public CompletionStage<Void> takeOver() {
    services.metrics().takeovers.increment();
    onEventLoop(() -> outbound.end(EndReason.TAKEN_OVER));
    return released;
  }

  /**
   * Ends the session at an operator's request. Any thread.
   *
   * @param forget whether its stored state is deleted too
   */
  void kick(boolean forget) {
    onEventLoop(
        () -> {
          if (forget) {
            expirySeconds(0);
          }
          outbound.end(EndReason.ADMINISTRATIVE);
        });
  }

  /**
   * Renews the claim, so that it does not expire in Redis. Any thread.
   *
   * @return completes when Redis has answered
   */
  CompletionStage<FenceResult> renewClaim() {
    return record.touch().whenComplete((result, error) -> onEventLoop(() -> fenced(result)));
  }

  /**
   * Ends the session because the connector drains. Any thread.
   *
   * @return completes when the session is released
   */
  public CompletionStage<Void> drain() {
    onEventLoop(() -> outbound.end(EndReason.DRAINING));
    return released;
  }

  /**
   * Writes the cursors that moved since the last checkpoint, and the deliveries in flight. A
   * checkpoint that fails is repeated at the next interval.
   */
  @Override
  public void checkpoint() {
    if (ended) {
      return;
    }
    if (checkpointing) {
      loop.moved(this);
      return;
    }
    moved = false;
    List<Subscription> changed =
        subscriptions.values().stream()
            .filter(each -> each.isActive() && !each.isStored())
            .toList();
    boolean windowMoved = sender.takeMoved();
    if (changed.isEmpty() && !windowMoved) {
      return;
    }
    List<StoredCursor> cursors = cursors(changed);
    checkpointing = true;
    record
        .checkpoint(new SessionProgress(cursors, sender.inFlight()))
        .whenComplete(
            (result, error) ->
                onEventLoop(
                    () -> {
                      checkpointing = false;
                      if (fenced(result)) {
                        return;
                      }
                      if (result != FenceResult.APPLIED) {
                        sender.putMoved();
                        moved();
                      } else {
                        for (int i = 0; i < changed.size(); i++) {
                          changed.get(i).stored(cursors.get(i).cursor());
                        }
                        reportProgress();
                      }
                    }));
  }

  private void reportProgress() {
    long nowNanos = System.nanoTime();
    if (!ended
        && nowNanos - progressReportedNanos >= services.limits().progressInterval().toNanos()
        && services.events().progressed(this, subscriptions.values())) {
      progressReportedNanos = nowNanos;
    }
  }

  Subscription attach(StoredSubscription begin) {
    Subscription subscription = add(begin);
    subscription.join();
    return subscription;
  }

  private Subscription add(StoredSubscription begin) {
    Address address = services.addresses().acquire(begin.address());
    Subscription subscription = new Subscription(this, address, begin);
    put(address.name(), subscription);
    address.add(loop.index(), subscription);
    return subscription;
  }

  private void put(String address, Subscription subscription) {
    if (subscriptions.isEmpty()) {
      subscriptions = Map.of(address, subscription);
      return;
    }
    if (!(subscriptions instanceof HashMap)) {
      subscriptions = new HashMap<>(subscriptions);
    }
    subscriptions.put(address, subscription);
  }

  private void remove(Subscription subscription) {
    if (subscriptions instanceof HashMap) {
      subscriptions.remove(subscription.address().name(), subscription);
    } else if (subscriptions.containsValue(subscription)) {
      subscriptions = Map.of();
    }
  }

  /**
   * Removes a subscription.
   *
   * @return the callbacks that waited for its activation; the caller runs them after its own work
   */
  Runnable detach(Subscription subscription) {
    Runnable waiting = subscription.leave();
    if (catchUp != null) {
      catchUp.left(subscription);
    }
    sender.settle(subscription, Long.MAX_VALUE);
    subscription.address().remove(loop.index(), subscription);
    remove(subscription);
    services.addresses().release(subscription.address());
    return waiting;
  }

  @Nullable Subscription subscription(String address) {
    return subscriptions.get(address);
  }

  /** Whether an operator's rewind is for this session. */
  boolean isTargetOf(DeliveryHeader.Rewind rewind) {
    return claim().epoch() <= rewind.epoch()
        && (rewind.clientId().isEmpty() || rewind.clientId().equals(clientId()));
  }

  boolean isEnded() {
    return ended;
  }

  /** One more subscription is behind. */
  void fellBehind() {
    if (subscriptionsBehind++ == 0) {
      services.metrics().sessionsBehind.increment();
    }
  }

  /** A subscription that was behind is live again or gone. */
  void notBehind() {
    if (--subscriptionsBehind == 0) {
      services.metrics().sessionsBehind.decrement();
    }
  }

  CatchUp catchUp() {
    CatchUp present = catchUp;
    if (present == null) {
      present = new CatchUp(this, services);
      catchUp = present;
    }
    return present;
  }

  /**
   * Completes the resumption if the session has ended, or if no activation and no timeline read is
   * in progress.
   */
  void settleResumption() {
    Resumption present = resumption;
    if (present == null) {
      return;
    }
    boolean underWay = present.isActivating() || (catchUp != null && catchUp.isReading());
    if (ended || !underWay) {
      resumption = null;
      present.settle();
    }
  }

  Sender sender() {
    return sender;
  }

  /** Notes that a cursor moved; the next checkpoint writes it. */
  void moved() {
    if (!moved && profile.isPersistent()) {
      moved = true;
      loop.moved(this);
    }
  }

  /**
   * Reports a gap: positions that Kafka no longer has. It is unknown whether messages of the
   * address were among them. A later message reports the gap to an MQTT 5 client; an MQTT 3.1.1
   * client gets no report.
   *
   * @param from the first missing offset
   * @param through the last missing offset
   */
  void reportGap(Subscription subscription, long from, long through) {
    services.metrics().gaps.increment();
    if (GAP_LINES.allows()) {
      log.warn(
          "gap client={} address={} partition={} from={} through={}",
          clientId(),
          subscription.address().name(),
          subscription.address().partition(),
          from,
          through);
    }
    services.events().gap(this, subscription, from, through);
    if (profile.mqtt5()) {
      subscription.gap(from, through);
      store(subscription);
    }
  }

  /**
   * Skips a message that cannot be sent to any client as valid MQTT. The message is reported once
   * for all sessions of this connector, with one event and one log line; see {@link
   * SessionEvents#unsendable}.
   */
  void skipUnsendable(Subscription subscription, long offset, String reason) {
    Address address = subscription.address();
    if (services.events().unsendable(address, offset, reason)) {
      services.metrics().unsendable.increment();
      log.warn(
          "message skipped for all sessions address={} partition={} offset={} reason=\"{}\"",
          address.name(),
          address.partition(),
          offset,
          reason);
    }
    subscription.passed(offset);
  }

  /**
   * Stores the subscription with its unacknowledged gap, or without a gap after the client has
   * acknowledged the message that reported it. So the next connection reports the gap again, unless
   * it was acknowledged. A gap that was sent in a message is still unacknowledged until that
   * message's PUBACK. Has no effect when the session is not persistent or has ended, and when the
   * client has unsubscribed: a write would bring the subscription back (I8). A write that fails is
   * not repeated.
   */
  void store(Subscription subscription) {
    if (profile.isPersistent() && !ended && !subscription.isGone()) {
      record
          .subscribe(List.of(subscription.toStored()))
          .whenComplete((result, error) -> onEventLoop(() -> fenced(result)));
    }
  }

  SessionServices services() {
    return services;
  }

  /** A failure that concerns only this session: the session and its connection end. */
  @Override
  public void failed(Throwable cause) {
    if (!loop.caught(cause) && FAILURE_LINES.allows()) {
      log.error("session failed client={}", clientId(), cause);
    }
    outbound.end(EndReason.SERVER_ERROR);
  }

  /** Ends the session if Redis answered that its claim is no longer the newest. */
  boolean fenced(@Nullable FenceResult result) {
    if (result != FenceResult.FENCED) {
      return false;
    }
    if (!ended) {
      services.metrics().takeovers.increment();
      outbound.end(EndReason.TAKEN_OVER);
    }
    return true;
  }

  /**
   * Runs {@code action} on the event loop. When the action fails, the session ends. If the session
   * did not end, a caller that waits for the action would wait forever, without an error. Any
   * thread.
   */
  void onEventLoop(Runnable action) {
    try {
      loop.eventLoop().execute(guarded(action));
    } catch (RejectedExecutionException e) {
      log.debug("event loop has ended, nothing left to do client={}", clientId());
    }
  }

  /** As {@link #onEventLoop}, after a delay; the future can cancel the action before it runs. */
  Future<?> onEventLoopAfter(long delay, TimeUnit unit, Runnable action) {
    return loop.eventLoop().schedule(guarded(action), delay, unit);
  }

  private Runnable guarded(Runnable action) {
    return () -> {
      try {
        action.run();
      } catch (Throwable e) {
        failed(e);
      }
    };
  }

  private void pumpCatchUp() {
    CatchUp present = catchUp;
    if (present != null) {
      present.pump();
      if (present.isIdle()) {
        catchUp = null;
      }
    }
  }

  /**
   * The state to restore if Redis has lost the session. After the session has ended, this is its
   * state at the end: a write that was made before may still be answered. Any thread.
   */
  CompletionStage<SessionRecord.Snapshot> snapshot() {
    return CompletableFuture.supplyAsync(() -> last != null ? last : picture(), loop.eventLoop());
  }

  private SessionRecord.Snapshot picture() {
    return new SessionRecord.Snapshot(
        profile.expirySeconds(),
        subscriptions.values().stream()
            .filter(Subscription::hasCursor)
            .map(Subscription::toStored)
            .toList(),
        profile.isPersistent() ? sender.inFlight() : List.of());
  }

  private static Throwable notWritten(@Nullable Throwable error) {
    return error != null ? error : new IllegalStateException("Redis lost the session twice");
  }

  private static List<StoredCursor> cursors(List<Subscription> subscriptions) {
    return subscriptions.stream()
        .filter(Subscription::isActive)
        .map(each -> new StoredCursor(each.address().name(), each.cursor()))
        .toList();
  }
}
