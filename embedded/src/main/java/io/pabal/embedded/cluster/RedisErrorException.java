// SPDX-License-Identifier: Apache-2.0
package io.pabal.embedded.cluster;

import java.io.IOException;

/** An error that Redis answered, such as {@code MOVED 3999 127.0.0.1:6381}. */
public final class RedisErrorException extends IOException {

  private static final long serialVersionUID = 1;

  RedisErrorException(String message) {
    super(message);
  }
}
