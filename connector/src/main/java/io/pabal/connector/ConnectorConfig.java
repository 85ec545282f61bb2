// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector;

import io.opentelemetry.api.OpenTelemetry;
import io.pabal.schemas.registry.RegistryConfig;
import io.pabal.schemas.topic.TopicCatalogue;
import io.pabal.sessioncache.redis.RedisAddress;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Everything that one connector needs to know before it starts.
 *
 * @param id the stable connector id; letters, digits, {@code -} and {@code _}, since a topic is
 *     named after it
 * @param listener where clients connect
 * @param kafka the cluster that carries the messages
 * @param redisUri where sessions, cursors and timelines are kept
 * @param limits what clients may ask for, and what happens beyond
 * @param drain how the connector leaves
 * @param admission how many sessions may come at a time
 * @param tracing which messages are traced; null: none
 */
public record ConnectorConfig(
    String id,
    Listener listener,
    Kafka kafka,
    URI redisUri,
    Limits limits,
    Drain drain,
    Admission admission,
    @Nullable Tracing tracing) {

  /** A connector that traces nothing. */
  public ConnectorConfig(
      String id,
      Listener listener,
      Kafka kafka,
      URI redisUri,
      Limits limits,
      Drain drain,
      Admission admission) {
    this(id, listener, kafka, redisUri, limits, drain, admission, null);
  }

  /** The same with tracing. */
  public ConnectorConfig withTracing(@Nullable Tracing other) {
    return new ConnectorConfig(id, listener, kafka, redisUri, limits, drain, admission, other);
  }

  /** Without the password of Redis. */
  @Override
  public String toString() {
    return "ConnectorConfig[id=%s, listener=%s, kafka=%s, redis=%s, limits=%s, drain=%s]"
        .formatted(id, listener, kafka, RedisAddress.of(redisUri), limits, drain);
  }

  /** A connector that leaves and lets in as by default. */
  public ConnectorConfig(String id, Listener listener, Kafka kafka, URI redisUri, Limits limits) {
    this(id, listener, kafka, redisUri, limits, Drain.defaults(), Admission.defaults());
  }

  /**
   * Where clients connect.
   *
   * @param host the address to bind to
   * @param port the TCP port; 0 takes a free one
   * @param anonymous whether clients are let in without credentials; on a host that is not loopback
   *     this has to be said explicitly
   */
  public record Listener(String host, int port, boolean anonymous) {}

  /**
   * How the connector leaves when it is closed.
   *
   * @param sessionsPerSecond how many sessions are sent away a second, so that the connectors they
   *     go to can take them, at most 1,000,000; 0: all at once
   * @param timeout how long that may take; the sessions that are left then are sent away at once
   * @param permanent whether clients are told to forget this server's address (reason code 0x9D),
   *     because what is started again will have another one; else 0x9C
   * @param serverReference the Server Reference that clients get (MQTT 5, 4.11: host and port,
   *     several with spaces between); null: the other connectors that are up, in turn
   */
  public record Drain(
      int sessionsPerSecond,
      Duration timeout,
      boolean permanent,
      @Nullable String serverReference) {

    /** How it leaves when nothing is configured. */
    public static Drain defaults() {
      return new Drain(1_000, Duration.ofSeconds(60), false, null);
    }
  }

  /**
   * How many sessions may come, or come back, at a time.
   *
   * @param resumesPerSecond CONNECT packets that may begin to claim their sessions, 1-1,000,000 a
   *     second; the others wait, or are refused with 0x97 (MQTT 3.1.1: 3)
   * @param resumesInFlight sessions that may be on their way in, from CONNECT until they have what
   *     they missed, 1-1,000,000; the others wait, or are refused with 0x88 (MQTT 3.1.1: 3)
   * @param waitMax how long a CONNECT may wait for its turn before it is refused, at most 30 s, in
   *     whole milliseconds; zero: refused at once
   */
  public record Admission(int resumesPerSecond, int resumesInFlight, Duration waitMax) {

    /** Who is let in when nothing is configured. */
    public static Admission defaults() {
      return new Admission(1_000, 500, Duration.ofSeconds(5));
    }
  }

  /**
   * Which messages are traced.
   *
   * @param openTelemetry where spans go; whoever made it closes it, after the connector
   * @param sampleRatio the share of messages that start a trace although their publishers gave no
   *     context, 0 to 1
   * @param messagesPerSecond how many messages are traced a second at most, whatever publishers ask
   *     for, on the way in and as many on the way out; 1-10,000
   */
  public record Tracing(OpenTelemetry openTelemetry, double sampleRatio, int messagesPerSecond) {}

  /**
   * The cluster that carries the messages.
   *
   * @param bootstrapServers as Kafka's setting of that name
   * @param topics the catalogue of topics; created where missing
   * @param deliveryPartitions partitions of this connector's own deliveries topic, when it is
   *     created
   * @param replicationFactor of topics that are created; -1 takes the broker's default
   * @param appendTimeout how long Kafka may take to acknowledge a message before its publisher's
   *     connection is closed; at least a second
   * @param appendBytesMax bytes of messages on their way to Kafka, over all clients; beyond it
   *     nothing more is read from publishing sockets
   * @param locationRefresh how often every live address is announced to the router once more, so
   *     that a damaged row of its table is repaired; zero: never
   * @param registry gives the ids of schemas; null: they are fixed
   */
  public record Kafka(
      String bootstrapServers,
      TopicCatalogue topics,
      int deliveryPartitions,
      short replicationFactor,
      Duration appendTimeout,
      long appendBytesMax,
      Duration locationRefresh,
      @Nullable RegistryConfig registry) {

    /** A cluster without a schema registry. */
    public Kafka(
        String bootstrapServers,
        TopicCatalogue topics,
        int deliveryPartitions,
        short replicationFactor,
        Duration appendTimeout,
        long appendBytesMax,
        Duration locationRefresh) {
      this(
          bootstrapServers,
          topics,
          deliveryPartitions,
          replicationFactor,
          appendTimeout,
          appendBytesMax,
          locationRefresh,
          null);
    }

    /** The same with other topics. */
    public Kafka withTopics(TopicCatalogue other) {
      return new Kafka(
          bootstrapServers,
          other,
          deliveryPartitions,
          replicationFactor,
          appendTimeout,
          appendBytesMax,
          locationRefresh,
          registry);
    }

    /** The same with a schema registry. */
    public Kafka withRegistry(@Nullable RegistryConfig other) {
      return new Kafka(
          bootstrapServers,
          topics,
          deliveryPartitions,
          replicationFactor,
          appendTimeout,
          appendBytesMax,
          locationRefresh,
          other);
    }

    /** The defaults against {@code bootstrapServers}. */
    public static Kafka defaults(String bootstrapServers) {
      return new Kafka(
          bootstrapServers,
          TopicCatalogue.defaults(),
          1,
          (short) -1,
          Duration.ofMinutes(2),
          32L << 20,
          Duration.ofHours(1));
    }
  }

  /**
   * What clients may ask for. Where MQTT lets the server announce a limit, it is announced in
   * CONNACK.
   *
   * @param packetBytesMax the largest MQTT packet taken (Maximum Packet Size)
   * @param receiveMax QoS 1 publishes that one client may have unacknowledged (Receive Maximum),
   *     1-65535
   * @param inFlightMax QoS 1 deliveries that one session may have unacknowledged, whatever Receive
   *     Maximum the client announces, 1-65535
   * @param clientIdBytesMax the longest client identifier, UTF-8 bytes
   * @param addressBytesMax the longest address, UTF-8 bytes
   * @param subscriptionsMax subscriptions of one session
   * @param connectTimeout how long a new connection may take to send CONNECT
   * @param keepAliveMax the longest Keep Alive, of whoever asks for more or for none; an MQTT 5
   *     client is told so (Server Keep Alive), an MQTT 3.1.1 client cannot be; zero: no limit
   * @param sessionExpiryMax the longest Session Expiry Interval granted
   * @param sessionExpiryV311 how long a persistent session of an MQTT 3.1.1 client is kept
   * @param subscribeTimeout how long the router may take to activate a subscription before the
   *     SUBACK says that it failed
   * @param checkpointInterval how often the cursors of sessions that moved are written to Redis
   * @param progressInterval how often at most each session that moved tells its cursors in the
   *     topic {@code sessions}, for the case that Redis and this connector are lost together
   * @param sockets what connections may take before, and beside, a session
   */
  public record Limits(
      int packetBytesMax,
      int receiveMax,
      int inFlightMax,
      int clientIdBytesMax,
      int addressBytesMax,
      int subscriptionsMax,
      Duration connectTimeout,
      Duration keepAliveMax,
      Duration sessionExpiryMax,
      Duration sessionExpiryV311,
      Duration subscribeTimeout,
      Duration checkpointInterval,
      Duration progressInterval,
      Sockets sockets) {

    private static final Duration PROGRESS_INTERVAL_DEFAULT = Duration.ofMinutes(1);

    /** Limits with progress told as by default. */
    public Limits(
        int packetBytesMax,
        int receiveMax,
        int inFlightMax,
        int clientIdBytesMax,
        int addressBytesMax,
        int subscriptionsMax,
        Duration connectTimeout,
        Duration keepAliveMax,
        Duration sessionExpiryMax,
        Duration sessionExpiryV311,
        Duration subscribeTimeout,
        Duration checkpointInterval) {
      this(
          packetBytesMax,
          receiveMax,
          inFlightMax,
          clientIdBytesMax,
          addressBytesMax,
          subscriptionsMax,
          connectTimeout,
          keepAliveMax,
          sessionExpiryMax,
          sessionExpiryV311,
          subscribeTimeout,
          checkpointInterval,
          PROGRESS_INTERVAL_DEFAULT,
          Sockets.defaults());
    }

    /** The same with progress told as often as this. */
    public Limits withProgressInterval(Duration interval) {
      return new Limits(
          packetBytesMax,
          receiveMax,
          inFlightMax,
          clientIdBytesMax,
          addressBytesMax,
          subscriptionsMax,
          connectTimeout,
          keepAliveMax,
          sessionExpiryMax,
          sessionExpiryV311,
          subscribeTimeout,
          checkpointInterval,
          interval,
          sockets);
    }

    /** The same with these bounds of connections. */
    public Limits withSockets(Sockets other) {
      return new Limits(
          packetBytesMax,
          receiveMax,
          inFlightMax,
          clientIdBytesMax,
          addressBytesMax,
          subscriptionsMax,
          connectTimeout,
          keepAliveMax,
          sessionExpiryMax,
          sessionExpiryV311,
          subscribeTimeout,
          checkpointInterval,
          progressInterval,
          other);
    }

    /** The limits when nothing is configured. */
    public static Limits defaults() {
      return new Limits(
          256 * 1024,
          1024,
          1024,
          256,
          512,
          1000,
          Duration.ofSeconds(10),
          Duration.ZERO,
          Duration.ofDays(7),
          Duration.ofDays(7),
          Duration.ofSeconds(30),
          Duration.ofSeconds(1));
    }
  }

  /**
   * What connections may take.
   *
   * @param qos0BufferBytesMax bytes of QoS 0 messages that wait for the full socket of one client;
   *     beyond it they are dropped until the client has read
   * @param qos0BuffersBytesMax the same over all clients of the connector
   * @param unconnectedMax connections that have not sent CONNECT, at least 1; beyond it the one is
   *     closed that has been there longest
   */
  public record Sockets(int qos0BufferBytesMax, long qos0BuffersBytesMax, int unconnectedMax) {

    /** The bounds when nothing is configured. */
    public static Sockets defaults() {
      return new Sockets(1 << 20, 64L << 20, 20_000);
    }
  }
}
