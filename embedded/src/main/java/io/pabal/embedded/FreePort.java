// SPDX-License-Identifier: Apache-2.0
package io.pabal.embedded;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Free TCP ports of the loopback interface.
 *
 * <p>They are taken from below the range that operating systems use for outgoing connections, so
 * that none of those grabs a port between its being found and its being bound; and no port is given
 * out twice in one process.
 */
public final class FreePort {

  private static final int FIRST = 10_000;
  private static final int LAST = 32_000;
  private static final int ATTEMPTS_MAX = 1_000;
  private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();

  private FreePort() {}

  /** A port that nobody listens on now. */
  public static int find() {
    for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(FIRST, LAST);
      if (GIVEN.add(port) && isFree(port)) {
        return port;
      }
    }
    throw new IllegalStateException(
        "no free TCP port found between %d and %d".formatted(FIRST, LAST));
  }

  /** Whether {@code port} of 127.0.0.1 could be bound now. */
  public static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      return socket.isBound();
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * {@code port} itself, or a free one for 0.
   *
   * @param part what is to listen there, for the error
   */
  static int choose(String part, int port) {
    if (port == 0) {
      return find();
    }
    if (!isFree(port)) {
      throw new IllegalStateException(
          "%s port: %d (expected: a free port). Another process listens on it."
              .formatted(part, port));
    }
    return port;
  }
}
