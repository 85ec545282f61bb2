// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.pabal.connector.ConnectorConfig;
import io.pabal.connector.ConnectorMetrics;
import io.pabal.connector.checkpoint.CheckpointWriter;
import io.pabal.connector.delivery.Delivery;
import io.pabal.connector.delivery.DeliveryFeed;
import io.pabal.connector.delivery.Feed;
import io.pabal.connector.delivery.FeedTable;
import io.pabal.connector.delivery.PublishFormat;
import io.pabal.connector.loop.LoopContext;
import io.pabal.schemas.AvroCodec;
import io.pabal.schemas.Codecs;
import io.pabal.schemas.Message;
import io.pabal.schemas.topic.Feeds;
import io.pabal.sessioncache.session.Owner;
import io.pabal.sessioncache.session.SessionClaim;
import io.pabal.sessioncache.session.StoredFeed;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * One record of a poll of a hundred, with 100 bytes of payload, on its way to the subscribers of
 * its address: decoded, encoded as a PUBLISH, written to each at QoS 1 and acknowledged by each.
 * Kafka's consumer and the sockets are left out: each packet is copied into one buffer.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@SuppressWarnings("NullAway") // prepare() comes first; Redis is not there, and is not asked
public class FanOutBenchmark {

  private static final int RECORDS_PER_POLL = 100;
  private static final int PAYLOAD_BYTES = 100;
  private static final int BUFFER_BYTES = 64 * 1024;
  private static final String ADDRESS = "rooms/4711";

  /** Sessions that are subscribed to the address. */
  @Param({"1", "100", "10000"})
  public int subscribers;

  private final ConnectorMetrics metrics = new ConnectorMetrics();
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final ByteBuf buffer = Unpooled.directBuffer(BUFFER_BYTES, BUFFER_BYTES);
  private final List<Client> clients = new ArrayList<>();
  private DeliveryFeed feed;

  /** Subscribes everybody. */
  @Setup
  public void prepare() {
    AvroCodec<Message> codec = Codecs.MESSAGE;
    FeedTable feeds = new FeedTable(new NoRouter(), new Feeds(1, 2), 1);
    LoopContext loop = new LoopContext(0, channel.eventLoop());
    var services =
        new SessionServices(
            feeds,
            codec,
            null,
            new CheckpointWriter(null, Duration.ofSeconds(1), 0, System::nanoTime),
            new ClaimGenerations(),
            null,
            null,
            new SessionEvents("c1", 1, event -> {}),
            ConnectorConfig.Limits.defaults(),
            metrics);
    Feed address = feeds.acquire(ADDRESS);
    Message message =
        Message.newBuilder()
            .setAddress(ADDRESS)
            .setSender("alice")
            .setClientId("phone-4711")
            .setPublishedAt(Instant.ofEpochMilli(System.currentTimeMillis()))
            .setPayload(ByteBuffer.wrap(new byte[PAYLOAD_BYTES]))
            .build();
    feed = new DeliveryFeed(feeds, address, loop, metrics, codec.encode(message), RECORDS_PER_POLL);
    for (int i = 0; i < subscribers; i++) {
      clients.add(new Client("client-" + i, services, loop));
    }
  }

  /** One poll. */
  @Benchmark
  @OperationsPerInvocation(RECORDS_PER_POLL)
  public int fanOut() throws InterruptedException {
    feed.dispatch();
    channel.runPendingTasks();
    for (Client client : clients) {
      client.acknowledgeAll();
    }
    return buffer.writerIndex();
  }

  /** A client without a socket. */
  private final class Client implements Outbound {
    private final Session session;
    private final int[] packetIds = new int[RECORDS_PER_POLL];
    private int unacknowledged;

    Client(String clientId, SessionServices services, LoopContext loop) {
      session =
          new Session(
              services,
              new Owner("c1", 1),
              loop,
              this,
              new SessionClaim(clientId, 1),
              new SessionProfile(clientId, "", true, true, 0, RECORDS_PER_POLL));
      session.resume(List.of(new StoredFeed(ADDRESS, 1, -1)), List.of(), () -> {});
    }

    void acknowledgeAll() {
      if (unacknowledged != RECORDS_PER_POLL) {
        throw new IllegalStateException("sent " + unacknowledged);
      }
      for (int packetId : packetIds) {
        session.acknowledge(packetId);
      }
      unacknowledged = 0;
    }

    @Override
    public boolean takesAtMostOnce(int packetBytes) {
      return isWritable();
    }

    @Override
    public void publish(Delivery delivery, int qos, int packetId, boolean again) {
      if (buffer.writableBytes() < delivery.packetBytes(qos, format())) {
        buffer.clear();
      }
      delivery.writeTo(buffer, qos, format(), packetId, again);
      packetIds[unacknowledged++] = packetId;
    }

    @Override
    public boolean isWritable() {
      return true;
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

  private static final class NoRouter implements FeedTable.Announcer {
    @Override
    public void announce(Feed address) {}

    @Override
    public void announceAgain(Feed address) {}

    @Override
    public void withdraw(Feed address) {}
  }
}
