// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache;

import io.pabal.sessioncache.redis.RedisAddress;
import io.pabal.sessioncache.redis.RedisProblem;
import java.net.URI;
import java.util.Optional;

/**
 * Redis cannot be reached, does not answer in time, or refuses. The message says where and what to
 * do.
 */
public final class RedisUnavailableException extends IllegalStateException {

  private static final long serialVersionUID = 1L;

  /** One line. */
  public RedisUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }

  /** Redis at {@code uri} answers, and refuses what it is asked for. */
  public static RedisUnavailableException refused(URI uri, String reason, Throwable cause) {
    return new RedisUnavailableException(
        "redis: %s does not serve: %s (expected: a Redis primary that takes writes)."
            .formatted(RedisAddress.of(uri), reason),
        cause);
  }

  /**
   * What a call failed with, as the state of the server that it shows; empty when Redis answered
   * with an error of one script or key.
   */
  public static Optional<RedisUnavailableException> of(Throwable failure) {
    return RedisProblem.isOfServer(failure)
        ? Optional.of(
            new RedisUnavailableException(
                "redis: does not serve: %s (expected: a Redis primary that takes writes)."
                    .formatted(RedisProblem.describe(failure)),
                failure))
        : Optional.empty();
  }
}
