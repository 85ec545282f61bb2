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
 * The configuration of one connector.
 *
 * @param id the connector id, which stays the same over restarts; letters, digits, {@code -} and
 *     {@code _}, because the name of a topic contains it
 * @param listener where clients connect
 * @param kafka the Kafka cluster that carries the messages
 * @param redisUri the Redis that keeps sessions, cursors and timelines
 * @param limits what clients may ask for
 * @param drain how the connector sends its sessions away when it is closed
 * @param admission how many sessions may come back at a time
 * @param tracing which messages are traced; null: none
 * @param ringBytesMax bytes of recent deliveries, over all feeds, that are kept in memory for
 *     sessions that fall behind; 0: none
 */
public record ConnectorConfig(
    String id,
    Listener listener,
    Kafka kafka,
    URI redisUri,
    Limits limits,
    Drain drain,
    Admission admission,
    @Nullable Tracing tracing,
    long ringBytesMax) {

  /** The part of the heap that recent deliveries may take when nothing is configured. */
  private static final int RING_HEAP_PART = 32;

  /** The value of {@code ringBytesMax} when nothing is configured: a 32nd of the heap. */
  public static long ringBytesDefault() {
    return Runtime.getRuntime().maxMemory() / RING_HEAP_PART;
  }

  /** A connector with the default for recent deliveries. */
  public ConnectorConfig(
      String id,
      Listener listener,
      Kafka kafka,
      URI redisUri,
      Limits limits,
      Drain drain,
      Admission admission,
      @Nullable Tracing tracing) {
    this(id, listener, kafka, redisUri, limits, drain, admission, tracing, ringBytesDefault());
  }

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

  /** This configuration with other tracing; null: no message is traced. */
  public ConnectorConfig withTracing(@Nullable Tracing other) {
    return new ConnectorConfig(
        id, listener, kafka, redisUri, limits, drain, admission, other, ringBytesMax);
  }

  /** This configuration with another bound for recent deliveries; 0: none are kept. */
  public ConnectorConfig withRingBytesMax(long bytesMax) {
    return new ConnectorConfig(
        id, listener, kafka, redisUri, limits, drain, admission, tracing, bytesMax);
  }

  /** The configuration for logs, without the password of Redis. */
  @Override
  public String toString() {
    return "ConnectorConfig[id=%s, listener=%s, kafka=%s, redis=%s, limits=%s, drain=%s]"
        .formatted(id, listener, kafka, RedisAddress.of(redisUri), limits, drain);
  }

  /** A connector with the defaults for draining and admission, and without tracing. */
  public ConnectorConfig(String id, Listener listener, Kafka kafka, URI redisUri, Limits limits) {
    this(id, listener, kafka, redisUri, limits, Drain.defaults(), Admission.defaults());
  }

  /**
   * Where clients connect.
   *
   * @param host the address to bind to
   * @param port the TCP port; 0: a free one
   * @param anonymous whether clients may connect without credentials; has to be configured
   *     explicitly for a host that is not loopback
   */
  public record Listener(String host, int port, boolean anonymous) {}

  /**
   * How the connector sends its sessions away when it is closed.
   *
   * @param sessionsPerSecond sessions that are sent away a second at least, at most 1,000,000; more
   *     are when {@code timeout} would not suffice otherwise; 0: all at once
   * @param timeout how long that may take; the sessions that are left then are sent away at once
   * @param permanent whether clients are asked to forget this server's address (reason code 0x9D),
   *     because the connector will have another address when it is started again; otherwise they
   *     get 0x9C
   * @param serverReference the Server Reference that clients get (MQTT 5, 4.11): host and port,
   *     several of them separated by spaces; null: the other connectors that are up, in turn
   */
  public record Drain(
      int sessionsPerSecond,
      Duration timeout,
      boolean permanent,
      @Nullable String serverReference) {

    /** The values when nothing is configured. */
    public static Drain defaults() {
      return new Drain(1_000, Duration.ofSeconds(60), false, null);
    }
  }

  /**
   * How many sessions may begin, or come back, at a time.
   *
   * @param inFlight bounds of the sessions that are on their way in at a time
   * @param resumesPerSecondMax CONNECT packets that may begin to claim their sessions a second, at
   *     most 1,000,000; further ones wait, or are refused with 0x97 (MQTT 3.1.1: 3); 0: no limit
   * @param waitMax how long a CONNECT may wait for a permit before it is refused, at most 30 s, in
   *     whole milliseconds; zero: it is refused at once
   */
  public record Admission(InFlight inFlight, int resumesPerSecondMax, Duration waitMax) {

    /** The values when nothing is configured. */
    public static Admission defaults() {
      return new Admission(InFlight.defaults(), 0, Duration.ofSeconds(10));
    }
  }

  /**
   * Bounds of the sessions in flight: a session is in flight from its permit until the messages
   * that it missed are on their way to the client, and while its client waits for a SUBACK or
   * UNSUBACK. CONNECTs beyond the limit in force wait, or are refused with 0x88 (MQTT 3.1.1: 3).
   *
   * @param min the least limit, 1-1,000,000
   * @param max the greatest limit, at least {@code min}, at most 1,000,000
   * @param delayAllowance how much longer than twice its undisturbed delay a claim, an activation
   *     or a task of an event loop may take on average before the limit shrinks
   */
  public record InFlight(int min, int max, Duration delayAllowance) {

    /** The values when nothing is configured. */
    public static InFlight defaults() {
      return new InFlight(16, 2_000, Duration.ofMillis(5));
    }

    /** A limit that does not follow from any delay. */
    public static InFlight fixed(int limit) {
      return new InFlight(limit, limit, defaults().delayAllowance());
    }
  }

  /**
   * Which messages are traced.
   *
   * @param openTelemetry gets the spans; the caller closes it, after the connector
   * @param sampleRatio the share of messages, 0 to 1, that start a trace although their publishers
   *     sent no trace context
   * @param messagesPerSecond messages that are traced a second at most, 1-10,000, also when
   *     publishers ask for more: as many on their way in, and as many on their way out
   */
  public record Tracing(OpenTelemetry openTelemetry, double sampleRatio, int messagesPerSecond) {}

  /**
   * The Kafka cluster that carries the messages.
   *
   * @param bootstrapServers Kafka's {@code bootstrap.servers}
   * @param topics the catalogue of topics; those that are missing are created
   * @param deliveryPartitions partitions of this connector's own deliveries topic; counts only when
   *     the topic is created
   * @param replicationFactor of topics that are created; -1: the broker's default
   * @param appendTimeout how long Kafka may take to acknowledge a message before its publisher's
   *     connection is closed; at least a second
   * @param appendBytesMax bytes of messages that may be on their way to Kafka, over all clients;
   *     beyond it publishing sockets are not read
   * @param locationRefresh how often every live address is announced to the router again, so that
   *     damaged rows of the router's table are repaired; zero: never
   * @param registry the schema registry that gives the ids of schemas; null: the ids are fixed
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

    /** This cluster with other topics. */
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

    /** This cluster with another schema registry; null: none. */
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

    /** The cluster at {@code bootstrapServers}, with the defaults for all other values. */
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
   * What clients may ask for. Where MQTT 5 has a property for a limit, CONNACK announces it.
   *
   * @param packetBytesMax bytes of the largest MQTT packet that is accepted (Maximum Packet Size)
   * @param receiveMax QoS 1 publishes that one client may have unacknowledged (Receive Maximum),
   *     1-65535
   * @param inFlightMax QoS 1 deliveries that one session may have unacknowledged, 1-65535, also
   *     when the client's Receive Maximum is larger
   * @param clientIdBytesMax bytes of the longest client identifier in UTF-8
   * @param addressBytesMax bytes of the longest address in UTF-8
   * @param subscriptionsMax subscriptions of one session
   * @param connectTimeout how long a new connection may take to send CONNECT
   * @param keepAliveMax the longest Keep Alive, which also holds for a client that asks for none;
   *     an MQTT 5 client gets it as Server Keep Alive, an MQTT 3.1.1 client gets no notice; zero:
   *     no limit
   * @param sessionExpiryMax the longest Session Expiry Interval that is granted
   * @param sessionExpiryV311 how long a persistent session of an MQTT 3.1.1 client is kept
   * @param subscribeTimeout how long the router may take to activate a subscription before the
   *     subscription fails in SUBACK
   * @param checkpointInterval the time within which the cursors of a session that moved are written
   *     to Redis
   * @param progressInterval how often, at most, the cursors of a session that moved are written to
   *     the topic {@code sessions}, for the case that Redis and this connector are lost together
   * @param checkpointsPerSecondMax sessions whose cursors are written to Redis in one second, at
   *     least 1; when more sessions move, the checkpoint interval is longer
   * @param sockets bounds of connections
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
      int checkpointsPerSecondMax,
      Sockets sockets) {

    private static final Duration PROGRESS_INTERVAL_DEFAULT = Duration.ofMinutes(1);
    private static final int CHECKPOINTS_PER_SECOND_MAX_DEFAULT = 50_000;

    /** Limits with the defaults for all that follows {@code checkpointInterval}. */
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
          CHECKPOINTS_PER_SECOND_MAX_DEFAULT,
          Sockets.defaults());
    }

    /** These limits with another {@code progressInterval}. */
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
          checkpointsPerSecondMax,
          sockets);
    }

    /** These limits with other bounds of connections. */
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
          checkpointsPerSecondMax,
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
   * Bounds of connections.
   *
   * @param qos0BufferBytesMax bytes of QoS 0 messages that may wait for the full socket of one
   *     client; further QoS 0 messages are dropped until the client has read
   * @param qos0BuffersBytesMax bytes of QoS 0 messages that may wait for full sockets, over all
   *     clients of the connector
   * @param unconnectedMax connections that have not sent CONNECT, at least 1; beyond it the oldest
   *     of them is closed
   */
  public record Sockets(int qos0BufferBytesMax, long qos0BuffersBytesMax, int unconnectedMax) {

    /** The values when nothing is configured. */
    public static Sockets defaults() {
      return new Sockets(1 << 20, 64L << 20, 20_000);
    }
  }
}
