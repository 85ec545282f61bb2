// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.connector.ConnectorConfig;
import io.pabal.connector.ConnectorMetrics;
import io.pabal.connector.checkpoint.CheckpointWriter;
import io.pabal.connector.delivery.Delivery;
import io.pabal.connector.delivery.DeliveryRings;
import io.pabal.connector.delivery.Feed;
import io.pabal.connector.delivery.FeedTable;
import io.pabal.connector.delivery.PlayedConsumer;
import io.pabal.connector.delivery.PublishFormat;
import io.pabal.connector.fixture.PlayedRouter.Published;
import io.pabal.connector.fixture.Servers;
import io.pabal.connector.fixture.TestLoop;
import io.pabal.connector.loop.LoopContext;
import io.pabal.schemas.Codecs;
import io.pabal.sessioncache.session.Owner;
import io.pabal.sessioncache.session.SessionClaim;
import io.pabal.sessioncache.session.StoredFeed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** Sessions of one connector that share one feed, without a network. The test runs their loop. */
final class SessionCrowd {

  final TestLoop loop = new TestLoop();
  final LoopContext context = new LoopContext(0, loop);
  final ConnectorMetrics metrics = new ConnectorMetrics();
  final DeliveryRings rings;
  final List<Member> members = new ArrayList<>();
  final Feed feed;

  /** Every delivery object that was sent to somebody. */
  final Set<Delivery> objects = Collections.newSetFromMap(new IdentityHashMap<>());

  private final SessionServices services;
  private final String address;
  private final int inFlightMax;

  /**
   * Nobody yet.
   *
   * @param inFlightMax deliveries that one session may have unacknowledged
   */
  SessionCrowd(Servers servers, String address, int inFlightMax, long ringBytesMax) {
    var feeds = new FeedTable(new LoneSession.NoAnnouncer(), Servers.TOPICS.feeds(), 1);
    this.address = address;
    this.inFlightMax = inFlightMax;
    this.rings = new DeliveryRings(ringBytesMax);
    this.feed = feeds.acquire(address);
    this.services =
        new SessionServices(
            feeds,
            Codecs.MESSAGE,
            servers.cache().sessions(),
            new CheckpointWriter(
                servers.cache().sessions(), Duration.ofSeconds(1), 0, System::nanoTime),
            new ClaimGenerations(),
            new TimelineReads(servers.cache().timelines(), metrics),
            servers.history(),
            new SessionEvents("crowd", 1, event -> {}),
            ConnectorConfig.Limits.defaults(),
            metrics);
  }

  /** Resumes a session with a QoS 1 subscription that has this cursor. */
  Member join(long cursor) {
    Member member = new Member("member-" + members.size());
    members.add(member);
    member.session.resume(List.of(new StoredFeed(address, 1, cursor)), List.of(), () -> {});
    return member;
  }

  /** The router has forwarded messages: one poll. */
  void push(List<Published> messages) {
    PlayedConsumer.pushAll(rings, feed, messages, context);
    loop.run();
  }

  /** Everybody acknowledges everything, one after the other, until all have {@code last}. */
  void acknowledgeUntil(long last) {
    loop.runUntil(
        () -> {
          members.forEach(Member::acknowledgeAll);
          return members.stream().allMatch(each -> each.feed().sent() >= last);
        });
  }

  /** Every member was sent exactly these messages, in this order. */
  void assertSent(List<Published> messages) {
    List<Long> offsets = messages.stream().map(Published::offset).toList();
    members.forEach(each -> assertThat(each.sent).isEqualTo(offsets));
  }

  /** One session and its client. */
  final class Member implements Outbound {
    final List<Long> sent = new ArrayList<>();
    final Session session;
    boolean writable = true;
    private final List<Integer> unacknowledged = new ArrayList<>();

    Member(String clientId) {
      session =
          new Session(
              services,
              new Owner("crowd", 1),
              context,
              this,
              new SessionClaim(clientId, 1),
              new SessionProfile(clientId, "", false, true, 0, inFlightMax));
    }

    SessionFeed feed() {
      return Objects.requireNonNull(session.feed(address));
    }

    void acknowledgeAll() {
      List<Integer> all = List.copyOf(unacknowledged);
      unacknowledged.clear();
      all.forEach(session::acknowledge);
    }

    @Override
    public boolean isWritable() {
      return writable;
    }

    @Override
    public boolean takesAtMostOnce(int packetBytes) {
      return writable;
    }

    @Override
    public void publish(Delivery delivery, int qos, int packetId, boolean dup) {
      sent.add(delivery.offset());
      objects.add(delivery);
      unacknowledged.add(packetId);
      assertThat(unacknowledged).hasSizeLessThanOrEqualTo(inFlightMax);
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
      throw new IllegalStateException("ended: " + reason);
    }
  }
}
