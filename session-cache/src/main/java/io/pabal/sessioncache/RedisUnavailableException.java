// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache;

import io.pabal.sessioncache.redis.RedisAddress;
import io.pabal.sessioncache.redis.RedisProblem;
import java.net.URI;
import java.util.Optional;

/**
 * Redis cannot be reached, does not reply in time, or refuses commands. The message says what is
 * wrong, what was expected and, where known, what to do.
 */
public final class RedisUnavailableException extends IllegalStateException {

  private static final long serialVersionUID = 1L;

  /** A failure with a message of one line. */
  public RedisUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }

  /** Redis at {@code uri} replies, but refuses commands. */
  public static RedisUnavailableException refused(URI uri, String reason, Throwable cause) {
    return new RedisUnavailableException(
        "redis: %s does not serve: %s (expected: a Redis primary that takes writes)."
            .formatted(RedisAddress.of(uri), reason),
        cause);
  }

  /**
   * The failure of a call as an exception about the state of the server; empty when Redis replied
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
