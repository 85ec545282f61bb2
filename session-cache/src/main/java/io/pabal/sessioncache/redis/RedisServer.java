// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.redis;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.ClientOptions.DisconnectedBehavior;
import io.lettuce.core.MaintNotificationsConfig;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.RedisException;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.event.connection.ReconnectFailedEvent;
import io.lettuce.core.metrics.CommandLatencyRecorder;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import io.lettuce.core.resource.Delay;
import io.lettuce.core.resource.NettyCustomizer;
import io.netty.channel.Channel;
import io.netty.handler.flush.FlushConsolidationHandler;
import io.pabal.sessioncache.RedisUnavailableException;
import java.net.URI;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The client of one Redis primary: the address, the threads and the rules for commands.
 *
 * <p>A command is sent at most once. While the connection is down, commands fail at once instead of
 * queueing. Commands that are in flight when the connection breaks fail too, and no command is sent
 * again after a reconnect: a claim or a cursor that arrives minutes late does more harm than one
 * whose caller knows that it failed. At most {@value #REQUESTS_MAX} commands are pending on one
 * connection; a further command fails.
 *
 * <p>Commands that are issued while the connection's thread is busy are written to the socket
 * together, at most {@value #GATHERED_MAX} at a time. Their callers do not wait for that, and Redis
 * replies to these commands together.
 *
 * <p>Reconnecting is tried for ever, at most {@value #RECONNECT_DELAY_MAX_MILLIS} ms apart.
 */
public final class RedisServer implements AutoCloseable {

  /** The number of commands that may be pending on one connection; a further command fails. */
  static final int REQUESTS_MAX = 65_536;

  /** The number of commands that one write to the socket carries at most. */
  static final int GATHERED_MAX = 256;

  static final long RECONNECT_DELAY_MAX_MILLIS = 1_000;
  private static final long RECONNECT_DELAY_MIN_MILLIS = 20;
  private static final long SHUTDOWN_MILLIS = 2_000;
  private static final int START_SECONDS_MAX = 15;

  private static final NettyCustomizer GATHERING =
      new NettyCustomizer() {
        @Override
        public void afterChannelInitialized(Channel channel) {
          channel.pipeline().addFirst(new FlushConsolidationHandler(GATHERED_MAX, true));
        }
      };

  private final RedisAddress address;
  private final ClientResources resources;
  private final RedisClient client;

  private volatile String disconnectReason = "it was closed at the other end";

  private RedisServer(RedisAddress address, ClientResources resources, RedisClient client) {
    this.address = address;
    this.resources = resources;
    this.client = client;
    var _ =
        resources
            .eventBus()
            .get()
            .ofType(ReconnectFailedEvent.class)
            .subscribe(event -> disconnectReason = RedisProblem.describe(event.getCause()));
  }

  /**
   * The client of the server at {@code uri}. Does not connect yet.
   *
   * @param commandTimeout the time after which a command without a reply fails, and also an attempt
   *     to connect
   */
  public static RedisServer at(URI uri, Duration commandTimeout) {
    RedisAddress address = RedisAddress.of(uri);
    ClientResources resources =
        DefaultClientResources.builder()
            // Lettuce records every command's latency as soon as HdrHistogram is on the class path.
            .commandLatencyRecorder(CommandLatencyRecorder.disabled())
            .nettyCustomizer(GATHERING)
            .reconnectDelay(
                Delay.equalJitter(
                    RECONNECT_DELAY_MIN_MILLIS,
                    RECONNECT_DELAY_MAX_MILLIS,
                    RECONNECT_DELAY_MIN_MILLIS,
                    TimeUnit.MILLISECONDS))
            .build();
    RedisClient client = RedisClient.create(resources, address.toRedisUri(commandTimeout));
    client.setOptions(
        ClientOptions.builder()
            .disconnectedBehavior(DisconnectedBehavior.REJECT_COMMANDS)
            .replayFilter(command -> true)
            .requestQueueSize(REQUESTS_MAX)
            .timeoutOptions(TimeoutOptions.enabled(commandTimeout))
            .socketOptions(
                SocketOptions.builder()
                    .connectTimeout(commandTimeout)
                    .keepAlive(true)
                    .tcpNoDelay(true)
                    .build())
            .maintNotificationsConfig(MaintNotificationsConfig.disabled())
            .build());
    return new RedisServer(address, resources, client);
  }

  /**
   * Opens one connection. Blocks. Where something listens but is slow to answer, it is asked again
   * for {@value #START_SECONDS_MAX} s: a machine on which everything starts at once is slow.
   *
   * @throws RedisUnavailableException when Redis cannot be reached
   */
  public RedisLink connect() {
    long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS_MAX);
    while (true) {
      try {
        return new RedisLink(
            this, client.connect(RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE)));
      } catch (RedisException e) {
        if (!isLate(e) || System.nanoTime() - deadlineNanos > 0) {
          throw unavailable(e);
        }
      }
    }
  }

  private static boolean isLate(Throwable failure) {
    return Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
        .anyMatch(RedisCommandTimeoutException.class::isInstance);
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
  public void close() {
    client.shutdown(0, SHUTDOWN_MILLIS, TimeUnit.MILLISECONDS);
    resources.shutdown(0, SHUTDOWN_MILLIS, TimeUnit.MILLISECONDS).awaitUninterruptibly();
  }
}
