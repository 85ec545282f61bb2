// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.redis;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.ClientOptions.DisconnectedBehavior;
import io.lettuce.core.MaintNotificationsConfig;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SocketOptions.KeepAliveOptions;
import io.lettuce.core.SocketOptions.TcpUserTimeoutOptions;
import io.lettuce.core.SslOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.cluster.event.ClusterTopologyChangedEvent;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.event.connection.ConnectedEvent;
import io.lettuce.core.event.connection.ReconnectFailedEvent;
import io.lettuce.core.metrics.CommandLatencyRecorder;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import io.lettuce.core.resource.Delay;
import io.lettuce.core.resource.EpollProvider;
import io.lettuce.core.resource.NettyCustomizer;
import io.netty.channel.Channel;
import io.netty.handler.flush.FlushConsolidationHandler;
import io.pabal.sessioncache.RedisUnavailableException;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The client of Redis, which is one server, a primary behind Sentinel, or a cluster: the address,
 * the threads and the rules for commands.
 *
 * <p>A command is executed at most once. While the connection to its primary is down, a command
 * fails at once instead of queueing. Commands that are in flight when the connection breaks fail
 * too, and no command is sent again after a reconnect: a claim or a cursor that arrives minutes
 * late does more harm than one whose caller knows that it failed. A server of a cluster that
 * redirects a command has not executed it. At most {@value #REQUESTS_MAX} commands are pending on a
 * connection to one primary; a further command fails.
 *
 * <p>Commands that are issued while the connection's thread is busy are written to the socket
 * together, at most {@value #GATHERED_MAX} at a time. Their callers do not wait for that, and Redis
 * replies to these commands together.
 *
 * <p>Reconnecting is tried for ever, at most {@value #RECONNECT_DELAY_MAX_MILLIS} ms apart. A
 * server that turns out to be a replica is disconnected, so that the name of the primary is looked
 * up again, or the sentinels are asked again. So is a server that sends nothing for the command
 * timeout ({@link SilenceGuard}).
 */
public final class RedisServer implements AutoCloseable {

  /** The number of commands that may be pending on one connection; a further command fails. */
  static final int REQUESTS_MAX = 65_536;

  /** The number of commands that one write to the socket carries at most. */
  static final int GATHERED_MAX = 256;

  static final long RECONNECT_DELAY_MAX_MILLIS = 1_000;

  private static final Logger log = LoggerFactory.getLogger(RedisServer.class);
  static final RedisCodec<String, byte[]> CODEC =
      RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE);
  private static final long RECONNECT_DELAY_MIN_MILLIS = 20;
  private static final long CONNECT_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long SHUTDOWN_MILLIS = 2_000;
  private static final int START_SECONDS_MAX = 15;
  private static final Duration TOPOLOGY_INTERVAL = Duration.ofSeconds(10);
  private static final int KEEP_ALIVE_PROBES = 3;

  private final RedisAddress address;
  private final Duration commandTimeout;
  private final ClientResources resources;
  private final Set<Channel> channels = ConcurrentHashMap.newKeySet();
  private final AtomicLong connectedAgainNanos =
      new AtomicLong(System.nanoTime() - CONNECT_AGAIN_NANOS);

  /** The client of a single server; null when none was needed yet. */
  private @Nullable RedisClient client;

  /** The client of a cluster; null when none was needed yet. */
  private volatile @Nullable ClusterTopology cluster;

  private final AtomicLong changes = new AtomicLong();

  private volatile String disconnectReason = "it was closed at the other end";

  private RedisServer(RedisAddress address, Duration commandTimeout) {
    this.address = address;
    this.commandTimeout = commandTimeout;
    this.resources =
        DefaultClientResources.builder()
            // Lettuce records every command's latency as soon as HdrHistogram is on the class path.
            .commandLatencyRecorder(CommandLatencyRecorder.disabled())
            .nettyCustomizer(
                new NettyCustomizer() {
                  @Override
                  public void afterChannelInitialized(Channel channel) {
                    initialize(channel);
                  }
                })
            .reconnectDelay(
                Delay.equalJitter(
                    RECONNECT_DELAY_MIN_MILLIS,
                    RECONNECT_DELAY_MAX_MILLIS,
                    RECONNECT_DELAY_MIN_MILLIS,
                    TimeUnit.MILLISECONDS))
            .build();
    var _ =
        resources
            .eventBus()
            .get()
            .ofType(ReconnectFailedEvent.class)
            .subscribe(event -> disconnectReason = RedisProblem.describe(event.getCause()));
    var _ =
        resources
            .eventBus()
            .get()
            .subscribe(
                event -> {
                  if (event instanceof ConnectedEvent
                      || event instanceof ClusterTopologyChangedEvent) {
                    changes.incrementAndGet();
                  }
                });
  }

  /**
   * A number that grows whenever a connection was opened again or the primaries changed: Redis may
   * have lost its newest writes then. Any thread.
   */
  long changes() {
    return changes.get();
  }

  /**
   * The client of the Redis at {@code uri}. Does not connect yet.
   *
   * @param commandTimeout the time after which a command without a reply fails, and also an attempt
   *     to connect
   */
  public static RedisServer at(URI uri, Duration commandTimeout) {
    return new RedisServer(RedisAddress.of(uri), commandTimeout);
  }

  /**
   * Opens one connection. Blocks. Where something listens but is slow to answer, it is asked again
   * for {@value #START_SECONDS_MAX} s: a machine on which everything starts at once is slow.
   *
   * @throws RedisUnavailableException when Redis cannot be reached
   */
  public synchronized RedisLink connect() {
    long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS_MAX);
    while (true) {
      try {
        return new RedisLink(this, open());
      } catch (RedisException e) {
        if (!RedisProblem.isLate(e) || System.nanoTime() - deadlineNanos > 0) {
          throw unavailable(e);
        }
      }
    }
  }

  private Primaries open() {
    return cluster != null || address.kind() == RedisAddress.Kind.CLUSTER
        ? cluster().open(commandTimeout)
        : openServer();
  }

  /** A server in cluster mode may be reached by the address of a single server, too. */
  private Primaries openServer() {
    StatefulRedisConnection<String, byte[]> connection = client().connect(CODEC);
    ServerMode mode = modeOf(connection);
    if (mode == ServerMode.SENTINEL) {
      connection.close();
      throw new RedisUnavailableException(
          "redis: %s is a Sentinel (expected: a Redis server). Use redis-sentinel://HOST:PORT/0#NAME."
              .formatted(address),
          new RedisException("a Sentinel"));
    }
    if (mode == ServerMode.STANDALONE) {
      return new SinglePrimary(this, connection);
    }
    connection.close();
    if (address.database() != 0) {
      throw new RedisUnavailableException(
          "redis: %s is a server of a Redis Cluster, which has no database %d (expected: 0)."
              .formatted(address, address.database()),
          new RedisException("a Redis Cluster"));
    }
    log.info("redis is a cluster and is used as one, see redis-cluster:// address={}", address);
    return cluster().open(commandTimeout);
  }

  private ServerMode modeOf(StatefulRedisConnection<String, byte[]> connection) {
    try {
      return ServerMode.of(connection, commandTimeout.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      connection.close();
      throw new RedisException("interrupted", e);
    }
  }

  private RedisClient client() {
    RedisClient present = client;
    if (present == null) {
      present = RedisClient.create(resources, address.toRedisUris(commandTimeout).getFirst());
      present.setOptions(options(ClientOptions.builder()).build());
      client = present;
    }
    return present;
  }

  private ClusterTopology cluster() {
    ClusterTopology present = cluster;
    if (present == null) {
      present = new ClusterTopology(resources, address.toRedisUris(commandTimeout));
      ClusterClientOptions.Builder options = ClusterClientOptions.builder();
      var _ = options(options);
      present.setOptions(
          options
              .validateClusterNodeMembership(false)
              .topologyRefreshOptions(
                  ClusterTopologyRefreshOptions.builder()
                      .enablePeriodicRefresh(TOPOLOGY_INTERVAL)
                      .refreshTriggersReconnectAttempts(1)
                      .adaptiveRefreshTriggersTimeout(
                          Duration.ofMillis(ClusterTopology.REFRESH_MILLIS))
                      .build())
              .build());
      cluster = present;
    }
    return present;
  }

  private ClientOptions.Builder options(ClientOptions.Builder options) {
    Path caFile = address.caFile();
    if (caFile != null) {
      options.sslOptions(
          SslOptions.builder().jdkSslProvider().trustManager(caFile.toFile()).build());
    }
    return options
        .disconnectedBehavior(DisconnectedBehavior.REJECT_COMMANDS)
        .replayFilter(command -> true)
        .requestQueueSize(REQUESTS_MAX)
        .timeoutOptions(TimeoutOptions.enabled(commandTimeout))
        .socketOptions(socketOptions())
        .maintNotificationsConfig(MaintNotificationsConfig.disabled());
  }

  private SocketOptions socketOptions() {
    SocketOptions.Builder options =
        SocketOptions.builder().connectTimeout(commandTimeout).keepAlive(true).tcpNoDelay(true);
    if (EpollProvider.isAvailable()) {
      // The kernel gives up what is not acknowledged, also while nothing is pending.
      Duration probes = Duration.ofSeconds(Math.max(1, commandTimeout.toSeconds()));
      options
          .tcpUserTimeout(
              TcpUserTimeoutOptions.builder().enable().tcpUserTimeout(commandTimeout).build())
          .keepAlive(
              KeepAliveOptions.builder()
                  .enable()
                  .idle(probes)
                  .interval(probes)
                  .count(KEEP_ALIVE_PROBES)
                  .build());
    }
    return options.build();
  }

  private void initialize(Channel channel) {
    channel.pipeline().addFirst(new FlushConsolidationHandler(GATHERED_MAX, true));
    // A little later than commands time out, so that their failures say so.
    long silenceMaxMillis = commandTimeout.toMillis() + SilenceGuard.SUSPICIOUS_MILLIS;
    channel.pipeline().addFirst(new SilenceGuard(silenceMaxMillis, new Silence()));
    channels.add(channel);
    var _ = channel.closeFuture().addListener(closed -> channels.remove(channel));
  }

  /** Disconnects, since the primary is another server now; at most once a second. */
  void connectAgain(String reason) {
    long nowNanos = System.nanoTime();
    long lastNanos = connectedAgainNanos.get();
    if (nowNanos - lastNanos >= CONNECT_AGAIN_NANOS
        && connectedAgainNanos.compareAndSet(lastNanos, nowNanos)) {
      disconnectReason = reason;
      for (Channel channel : channels) {
        var _ = channel.close();
      }
    }
  }

  private RedisUnavailableException unavailable(RedisException cause) {
    return new RedisUnavailableException(
        "redis: %s cannot be reached: %s (expected: a Redis primary, 6.2 or newer). Start it, or correct its address."
            .formatted(address, RedisProblem.describe(cause)),
        cause);
  }

  /** The failure of the most recent attempt to reconnect, in one line. Any thread. */
  String disconnectReason() {
    return disconnectReason;
  }

  /** Threads for short delayed work. They also complete replies, so tasks must never block. */
  public ScheduledExecutorService scheduler() {
    return resources.eventExecutorGroup();
  }

  /** Closes every connection; commands in flight fail. Blocks for a few seconds at most. */
  @Override
  public synchronized void close() {
    if (client != null) {
      client.shutdown(0, SHUTDOWN_MILLIS, TimeUnit.MILLISECONDS);
    }
    if (cluster != null) {
      cluster.closeConnections(Duration.ofMillis(SHUTDOWN_MILLIS));
      cluster.shutdown(0, SHUTDOWN_MILLIS, TimeUnit.MILLISECONDS);
    }
    resources.shutdown(0, SHUTDOWN_MILLIS, TimeUnit.MILLISECONDS).awaitUninterruptibly();
  }

  private final class Silence implements SilenceGuard.Listener {

    @Override
    public boolean suspicious(SocketAddress server) {
      ClusterTopology topology = cluster;
      if (topology == null) {
        return false;
      }
      topology.refreshSoon();
      return topology.isNoPrimary(server);
    }

    @Override
    public void closed(long millis) {
      disconnectReason = "it sent nothing for %d ms".formatted(millis);
    }
  }
}
