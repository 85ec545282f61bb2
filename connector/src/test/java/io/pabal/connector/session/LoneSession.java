// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import io.pabal.connector.ConnectorConfig;
import io.pabal.connector.ConnectorMetrics;
import io.pabal.connector.checkpoint.CheckpointWriter;
import io.pabal.connector.delivery.Delivery;
import io.pabal.connector.delivery.Feed;
import io.pabal.connector.delivery.FeedTable;
import io.pabal.connector.delivery.PublishFormat;
import io.pabal.connector.fixture.Servers;
import io.pabal.connector.fixture.TestLoop;
import io.pabal.connector.loop.LoopContext;
import io.pabal.schemas.AvroCodec;
import io.pabal.schemas.Codecs;
import io.pabal.schemas.Message;
import io.pabal.schemas.SessionEvent;
import io.pabal.sessioncache.session.Owner;
import io.pabal.sessioncache.session.SessionClaim;
import io.pabal.sessioncache.session.StoredFeed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** A session without a network: it records what it sends, and the test runs its event loop. */
final class LoneSession implements Outbound {

  final TestLoop loop = new TestLoop();
  final ConnectorMetrics metrics = new ConnectorMetrics();
  final List<Long> sent = new ArrayList<>();
  final List<Integer> packetIds = new ArrayList<>();
  final List<Long> sentAgain = new ArrayList<>();
  final List<EndReason> ended = new ArrayList<>();
  final List<SessionEvent> events = new ArrayList<>();
  final Session session;
  final CheckpointWriter checkpoints;
  private static final Duration CHECKPOINT_INTERVAL = Duration.ofSeconds(1);

  private final FeedTable addresses = new FeedTable(new NoAnnouncer(), Servers.TOPICS.feeds(), 1);
  boolean writable = true;
  private long nowNanos;

  /** The number of packets after which the socket is full. */
  int fullAfter = Integer.MAX_VALUE;

  LoneSession(Servers servers) {
    this(servers, ConnectorConfig.Limits.defaults().inFlightMax());
  }

  LoneSession(Servers servers, AvroCodec<Message> codec) {
    this(servers, codec, ConnectorConfig.Limits.defaults().inFlightMax());
  }

  LoneSession(Servers servers, int inFlightMax) {
    this(servers, Codecs.MESSAGE, inFlightMax);
  }

  private LoneSession(Servers servers, AvroCodec<Message> codec, int inFlightMax) {
    checkpoints =
        new CheckpointWriter(servers.cache().sessions(), CHECKPOINT_INTERVAL, 0, () -> nowNanos);
    session =
        new Session(
            new SessionServices(
                addresses,
                codec,
                servers.cache().sessions(),
                checkpoints,
                new ClaimGenerations(),
                new TimelineReads(servers.cache().timelines(), metrics),
                servers.history(),
                new SessionEvents("lone", 1, events::add),
                ConnectorConfig.Limits.defaults(),
                metrics),
            new Owner("lone", 1),
            new LoopContext(0, loop),
            this,
            new SessionClaim("lone", 1),
            new SessionProfile("lone", "", true, true, 0, inFlightMax));
  }

  /** A checkpoint of the session begins, if it has moved; its reply waits in the event loop. */
  void beginCheckpoint() {
    loop.run();
    nowNanos += CHECKPOINT_INTERVAL.toNanos();
    checkpoints.step();
    loop.runNext();
  }

  /** A QoS 1 subscription of the session that waits for its activation. */
  SessionFeed attach(String address, long cursor) {
    session.resume(List.of(new StoredFeed(address, 1, cursor)), List.of(), () -> {});
    return Objects.requireNonNull(session.feed(address));
  }

  /** A QoS 1 subscription that is not attached to the session and receives no deliveries. */
  SessionFeed subscribe(String address, long cursor) {
    return new SessionFeed(session, addresses.acquire(address), new StoredFeed(address, 1, cursor));
  }

  @Override
  public boolean isWritable() {
    return writable && sent.size() < fullAfter;
  }

  @Override
  public boolean takesAtMostOnce(int packetBytes) {
    return isWritable();
  }

  @Override
  public void publish(Delivery delivery, int qos, int packetId, boolean dup) {
    sent.add(delivery.offset());
    packetIds.add(packetId);
    if (dup) {
      sentAgain.add(delivery.offset());
    }
  }

  @Override
  public boolean accepts(int packetBytes) {
    return true;
  }

  @Override
  public PublishFormat format() {
    return PublishFormat.MQTT_5;
  }

  @Override
  public void end(EndReason reason) {
    ended.add(reason);
  }

  static final class NoAnnouncer implements FeedTable.Announcer {
    @Override
    public void announce(Feed address) {}

    @Override
    public void announceAgain(Feed address) {}

    @Override
    public void withdraw(Feed address) {}
  }
}
