// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import io.pabal.connector.checkpoint.Checkpointed;
import io.pabal.connector.delivery.Delivery;
import io.pabal.connector.delivery.Feed;
import io.pabal.connector.loop.LoopContext;
import io.pabal.schemas.DeliveryHeader;
import io.pabal.schemas.SubscriptionState;
import io.pabal.sessioncache.session.FenceResult;
import io.pabal.sessioncache.session.Owner;
import io.pabal.sessioncache.session.ProgressWrite;
import io.pabal.sessioncache.session.SessionClaim;
import io.pabal.sessioncache.session.SessionProgress;
import io.pabal.sessioncache.session.StoredCursor;
import io.pabal.sessioncache.session.StoredDelivery;
import io.pabal.sessioncache.session.StoredFeed;
import io.pabal.telemetry.LogLimiter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
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
public final class Session implements Checkpointed {

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

  /** By name. Most sessions have one feed; their map is smaller than a HashMap. */
  private Map<String, SessionFeed> feeds = Map.of();

  private int subscriptionCount;

  private final CompletableFuture<Void> released = new CompletableFuture<>();
  private SessionProfile profile;
  private @Nullable Resumption resumption;
  private @Nullable CatchUp catchUp;
  private int feedsBehind;
  private boolean moved;
  private long progressReportedNanos = System.nanoTime();
  private @Nullable Checkpoint checkpoint;
  private boolean ended;

  /** The state at the end of the session; null before. */
  private SessionRecord.@Nullable Snapshot last;

  /** A checkpoint under way, and the feeds whose cursors it stores. */
  private record Checkpoint(
      SessionClaim claim, List<SessionFeed> feeds, List<StoredCursor> cursors) {}

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
    return subscriptionCount;
  }

  /**
   * Resumes a stored session: its subscriptions, each feed from its cursor, and its deliveries in
   * flight.
   *
   * @param settled run once, when the resumption is complete or the session has ended
   */
  public void resume(List<StoredFeed> stored, List<StoredDelivery> inFlight, Runnable settled) {
    Resumption begun = new Resumption(stored.size(), settled);
    resumption = begun;
    Runnable decided =
        () -> {
          begun.decided();
          settleResumption();
        };
    List<SessionFeed> resumed = stored.stream().map(this::add).toList();
    sender.restore(inFlight, this::feed);
    for (SessionFeed each : resumed) {
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
   * @param done called once with, per filter, whether there was a subscription; not called when the
   *     session ends before
   */
  public void unsubscribe(List<String> filters, java.util.function.Consumer<List<Boolean>> done) {
    List<Boolean> existed = new ArrayList<>(filters.size());
    List<SubscriptionState> gone = new ArrayList<>(filters.size());
    Set<SessionFeed> changed = new LinkedHashSet<>();
    List<Runnable> waiting = new ArrayList<>(0);
    for (String filter : filters) {
      SessionFeed feed = feeds.get(services.feeds().nameOf(filter));
      Subscription subscription = feed == null ? null : feed.find(filter);
      existed.add(subscription != null);
      if (feed != null && subscription != null) {
        if (feed.hasCursor()) {
          gone.add(SessionEvents.state(feed, subscription));
        }
        waiting.add(unsubscribe(feed, filter));
        changed.add(feed);
      }
    }
    if (!changed.isEmpty()) {
      services.events().unsubscribed(this, gone);
    }
    waiting.forEach(Runnable::run); // a SUBACK is sent before the UNSUBACK
    if (changed.isEmpty() || !profile.isPersistent()) {
      done.accept(existed);
      return;
    }
    putFeeds(changed)
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
   * Ends the session on this connector: gives up its feeds, writes its cursors a last time and
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
      // The feeds must stop delivering to this session, and no claim may wait forever for its
      // release.
      var _ = loop.caught(e);
      log.error("session not ended in good order client={}", clientId(), e);
      List.copyOf(feeds.values()).forEach(this::drop);
      released.complete(null);
    }
    return released;
  }

  private void drop(SessionFeed feed) {
    try {
      feed.feed().remove(loop.index(), feed);
      detach(feed);
    } catch (Throwable e) {
      var _ = loop.caught(e);
      log.error("feed not given up client={}", clientId(), e);
    }
  }

  private void giveUp(EndReason reason) {
    services.metrics().disconnects.increment(reason);
    settleResumption();
    sender.close();
    List<SessionFeed> held = List.copyOf(feeds.values());
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
    for (SessionFeed feed : held) {
      detach(feed).run();
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

  @Override
  public LoopContext loop() {
    return loop;
  }

  /** The cursors that moved since the last checkpoint, and the deliveries in flight. */
  @Override
  public @Nullable ProgressWrite takeProgress() {
    moved = false;
    if (ended) {
      return null;
    }
    if (checkpoint != null) {
      moved(); // the next checkpoint begins when this one has ended
      return null;
    }
    List<SessionFeed> changed =
        feeds.values().stream().filter(each -> each.isActive() && !each.isStored()).toList();
    boolean windowMoved = sender.takeMoved();
    if (changed.isEmpty() && !windowMoved) {
      return null;
    }
    List<StoredCursor> cursors = cursors(changed);
    ProgressWrite write = record.checkpointBegun(new SessionProgress(cursors, sender.inFlight()));
    checkpoint = new Checkpoint(write.claim(), changed, cursors);
    return write;
  }

  /** A checkpoint that was not applied is repeated at the next interval. */
  @Override
  public void checkpointEnded(@Nullable FenceResult result, @Nullable Throwable failure) {
    Checkpoint over = Objects.requireNonNull(checkpoint);
    checkpoint = null;
    record.checkpointEnded(over.claim(), result);
    if (ended) {
      return; // the release has the newer progress, and restores the session if it is lost
    }
    if (result == FenceResult.APPLIED) {
      for (int i = 0; i < over.feeds().size(); i++) {
        over.feeds().get(i).stored(over.cursors().get(i).cursor());
      }
      reportProgress();
      return;
    }
    sender.putMoved();
    moved();
    if (result != null) {
      record
          .notApplied(over.claim(), result)
          .whenComplete((recovered, error) -> onEventLoop(() -> fenced(recovered)));
    }
  }

  private void reportProgress() {
    long nowNanos = System.nanoTime();
    if (!ended
        && nowNanos - progressReportedNanos >= services.limits().progressInterval().toNanos()
        && services.events().progressed(this, feeds.values())) {
      progressReportedNanos = nowNanos;
    }
  }

  /**
   * Adds a subscription, which the session does not have yet.
   *
   * @return its feed, in which the session may have other subscriptions already
   */
  SessionFeed subscribe(String filter, SubscriptionOptions options) {
    String name = services.feeds().nameOf(filter);
    SessionFeed present = feeds.get(name);
    if (present != null) {
      present.subscribe(filter, options);
      subscriptionCount++;
      return present;
    }
    Feed feed = services.feeds().acquire(name);
    SessionFeed begun =
        new SessionFeed(
            this, feed, new Subscription(filter, options, Subscription.FROM_CURSOR, false));
    add(begun);
    begun.join();
    return begun;
  }

  private SessionFeed add(StoredFeed begin) {
    Feed feed = services.feeds().acquire(begin.name());
    return add(new SessionFeed(this, feed, begin));
  }

  private SessionFeed add(SessionFeed feed) {
    put(feed.feed().name(), feed);
    subscriptionCount += feed.subscriptionCount();
    feed.feed().add(loop.index(), feed);
    return feed;
  }

  private void put(String name, SessionFeed feed) {
    if (feeds.isEmpty()) {
      feeds = Map.of(name, feed);
      return;
    }
    if (!(feeds instanceof HashMap)) {
      feeds = new HashMap<>(feeds);
    }
    feeds.put(name, feed);
  }

  private void remove(SessionFeed feed) {
    if (feeds instanceof HashMap) {
      feeds.remove(feed.feed().name(), feed);
    } else if (feeds.containsValue(feed)) {
      feeds = Map.of();
    }
  }

  /**
   * Removes a subscription; with the last one of its feed, the feed.
   *
   * @return the callbacks that waited for the feed's activation, if the feed is removed; the caller
   *     runs them after its own work
   */
  Runnable unsubscribe(SessionFeed feed, String filter) {
    if (feed.subscriptionCount() == 1) {
      return detach(feed);
    }
    feed.unsubscribe(filter);
    subscriptionCount--;
    return () -> {};
  }

  /**
   * Removes a feed with its subscriptions.
   *
   * @return the callbacks that waited for its activation; the caller runs them after its own work
   */
  private Runnable detach(SessionFeed feed) {
    Runnable waiting = feed.leave();
    if (catchUp != null) {
      catchUp.left(feed);
    }
    sender.settle(feed, Long.MAX_VALUE);
    feed.feed().remove(loop.index(), feed);
    remove(feed);
    subscriptionCount -= feed.subscriptionCount();
    services.feeds().release(feed.feed());
    return waiting;
  }

  @Nullable SessionFeed feed(String name) {
    return feeds.get(name);
  }

  /** The session's feed to which a filter belongs; null when it has none. */
  @Nullable SessionFeed feedOf(String filter) {
    return feeds.get(services.feeds().nameOf(filter));
  }

  /** Whether an operator's rewind is for this session. */
  boolean isTargetOf(DeliveryHeader.Rewind rewind) {
    return claim().epoch() <= rewind.epoch()
        && (rewind.clientId().isEmpty() || rewind.clientId().equals(clientId()));
  }

  boolean isEnded() {
    return ended;
  }

  /** One more feed is behind. */
  void fellBehind() {
    if (feedsBehind++ == 0) {
      services.metrics().sessionsBehind.increment();
    }
  }

  /** A feed that was behind is live again or gone. */
  void notBehind() {
    if (--feedsBehind == 0) {
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

  /** Notes that a cursor moved; the next checkpoint stores it. */
  void moved() {
    if (!moved && profile.isPersistent()) {
      moved = true;
      services.checkpoints().moved(this, clientId());
    }
  }

  /**
   * Reports a gap: positions that Kafka no longer has. It is unknown whether messages of the feed
   * were among them. A later message reports the gap to an MQTT 5 client; an MQTT 3.1.1 client gets
   * no report.
   *
   * @param from the first missing offset
   * @param through the last missing offset
   */
  void reportGap(SessionFeed feed, long from, long through) {
    services.metrics().gaps.increment();
    if (GAP_LINES.allows()) {
      log.warn(
          "gap client={} feed={} partition={} from={} through={}",
          clientId(),
          feed.feed().name(),
          feed.feed().partition(),
          from,
          through);
    }
    services.events().gap(this, feed, from, through);
    if (profile.mqtt5()) {
      feed.gap(from, through);
      store(feed);
    }
  }

  /**
   * Skips a message that cannot be sent to any client as valid MQTT. The message is reported once
   * for all sessions of this connector, with one event and one log line; see {@link
   * SessionEvents#unsendable}.
   */
  void skipUnsendable(SessionFeed feed, Delivery delivery, String reason) {
    if (services.events().unsendable(feed.feed(), delivery, reason)) {
      services.metrics().unsendable.increment();
      log.warn(
          "message skipped for all sessions address={} partition={} offset={} reason=\"{}\"",
          delivery.address(),
          feed.feed().partition(),
          delivery.offset(),
          reason);
    }
    feed.passed(delivery.offset());
  }

  /**
   * Stores the feed with its unacknowledged gap, or without a gap after the client has acknowledged
   * the message that reported it. So the next connection reports the gap again, unless it was
   * acknowledged. A gap that was sent in a message is still unacknowledged until that message's
   * PUBACK. Has no effect when the session is not persistent or has ended, and when the client has
   * unsubscribed: a write would bring the subscription back (I8). A write that fails is not
   * repeated.
   */
  void store(SessionFeed feed) {
    if (profile.isPersistent() && !ended && feed.isKept() && !feed.isGone()) {
      putFeeds(List.of(feed)).whenComplete((result, error) -> onEventLoop(() -> fenced(result)));
    }
  }

  /** Stores the subscriptions and cursors of these feeds as they are now, or that they are gone. */
  private CompletionStage<FenceResult> putFeeds(Collection<SessionFeed> changed) {
    List<StoredFeed> kept = new ArrayList<>(changed.size());
    List<String> removed = new ArrayList<>(0);
    for (SessionFeed feed : changed) {
      if (feed.isGone() || !feed.isKept()) {
        removed.add(feed.feed().name());
      } else {
        kept.add(feed.toStored());
      }
    }
    return record.putFeeds(kept, removed);
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
        feeds.values().stream().filter(SessionFeed::isKept).map(SessionFeed::toStored).toList(),
        profile.isPersistent() ? sender.inFlight() : List.of());
  }

  private static Throwable notWritten(@Nullable Throwable error) {
    return error != null ? error : new IllegalStateException("Redis lost the session twice");
  }

  private static List<StoredCursor> cursors(List<SessionFeed> feeds) {
    return feeds.stream()
        .filter(SessionFeed::isActive)
        .map(each -> new StoredCursor(each.feed().name(), each.cursor()))
        .toList();
  }
}
