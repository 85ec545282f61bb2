// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache;

/** Redis cannot be reached, or does not answer in time. The message says where and what to do. */
public final class RedisUnavailableException extends IllegalStateException {

  private static final long serialVersionUID = 1L;

  /** One line. */
  public RedisUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
