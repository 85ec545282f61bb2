// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache;

import java.net.URI;

/** Redis cannot be reached, does not answer in time, or refuses. The message says where and what to do. */
public final class RedisUnavailableException extends IllegalStateException {

  private static final long serialVersionUID = 1L;

  /** One line. */
  public RedisUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }

  /** Redis at {@code uri} answers, and refuses what it is asked for. */
  public static RedisUnavailableException refused(URI uri, String reason, Throwable cause) {
    // The address alone: what comes before the @ is a secret.
    return new RedisUnavailableException(
        "redis: %s:%d does not serve: %s (expected: a Redis primary that takes writes)."
            .formatted(uri.getHost(), uri.getPort(), reason),
        cause);
  }
}
