// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache;

import io.pabal.sessioncache.redis.RedisAddress;
import java.net.URI;
import java.time.Duration;

/**
 * The address of Redis, and the time-outs for it.
 *
 * @param redisUri an address that {@link RedisAddress} takes
 * @param commandTimeout the time after which a command without a reply fails
 * @param timelineWaitMax the time that a read of a timeline waits for the timeline writer
 */
public record SessionCacheConfig(URI redisUri, Duration commandTimeout, Duration timelineWaitMax) {

  /** The command timeout when none is configured. */
  public static final Duration COMMAND_TIMEOUT_DEFAULT = Duration.ofSeconds(5);

  /** The wait for the timeline writer when none is configured. */
  public static final Duration TIMELINE_WAIT_MAX_DEFAULT = Duration.ofSeconds(30);

  /** Checks that both durations are positive. */
  public SessionCacheConfig {
    requirePositive("redis.commandTimeout", commandTimeout);
    requirePositive("redis.timelineWaitMax", timelineWaitMax);
  }

  /** A configuration with the default wait for the timeline writer. */
  public SessionCacheConfig(URI redisUri, Duration commandTimeout) {
    this(redisUri, commandTimeout, TIMELINE_WAIT_MAX_DEFAULT);
  }

  /** The default configuration for {@code redisUri}. */
  public static SessionCacheConfig of(URI redisUri) {
    return new SessionCacheConfig(redisUri, COMMAND_TIMEOUT_DEFAULT);
  }

  /** Without the password. */
  @Override
  public String toString() {
    return "SessionCacheConfig[redis=%s, commandTimeout=%s, timelineWaitMax=%s]"
        .formatted(RedisAddress.of(redisUri), commandTimeout, timelineWaitMax);
  }

  private static void requirePositive(String name, Duration value) {
    if (value.isNegative() || value.isZero()) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: more than PT0S)");
    }
  }
}
