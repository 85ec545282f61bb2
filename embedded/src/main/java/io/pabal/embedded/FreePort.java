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
 * <p>The ports are below the range that operating systems use for outgoing connections, so no
 * outgoing connection takes a port after it was found and before it is bound. No port is returned
 * twice in one process. Safe for use by many threads.
 */
public final class FreePort {

  /** A Redis server in cluster mode listens on a second port, this much above its own. */
  public static final int CLUSTER_BUS_DISTANCE = 10_000;

  private static final int FIRST = 10_000;
  private static final int LAST = 32_000;
  private static final int ATTEMPTS_MAX = 1_000;
  private static final Set<Integer> RETURNED = ConcurrentHashMap.newKeySet();

  private FreePort() {}

  /**
   * A port of 127.0.0.1 on which no process listens now.
   *
   * @throws IllegalStateException when no free port is found
   */
  public static int find() {
    for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(FIRST, LAST);
      if (RETURNED.add(port) && isFree(port)) {
        return port;
      }
    }
    throw new IllegalStateException(
        "no free TCP port found between %d and %d".formatted(FIRST, LAST));
  }

  /**
   * A port of 127.0.0.1 for a Redis server in cluster mode. The server also listens on the port
   * that is {@value #CLUSTER_BUS_DISTANCE} higher. No process listens on either now.
   *
   * @throws IllegalStateException when no two such ports are found
   */
  public static int findForClusterNode() {
    for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(FIRST, LAST - CLUSTER_BUS_DISTANCE);
      int bus = port + CLUSTER_BUS_DISTANCE;
      if (RETURNED.add(port) && RETURNED.add(bus) && isFree(port) && isFree(bus)) {
        return port;
      }
    }
    throw new IllegalStateException(
        "no two free TCP ports, %d apart, found between %d and %d"
            .formatted(CLUSTER_BUS_DISTANCE, FIRST, LAST));
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
   * Returns {@code port} itself, or a free port for 0.
   *
   * @param part the program that will listen on the port, for the error message
   * @throws IllegalStateException when another process listens on {@code port}
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
