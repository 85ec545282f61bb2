// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.cluster;

import io.pabal.schemas.address.HostAndPort;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.TimeUnit;

/**
 * Tells whether a process listens at the address of a broker. Kafka's client does not report a
 * closed port: the client retries until its timeout, as it does with a broker that is only slow.
 */
final class Listening {

  /** How long a broker may take to begin to listen, in milliseconds. */
  static final int MILLIS_MAX = 5_000;

  private static final long POLL_MILLIS = 200;

  private Listening() {}

  /** Whether one of {@code servers} accepts a connection. Blocks. */
  static boolean anywhere(String servers) {
    long deadlineNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(MILLIS_MAX);
    try {
      do {
        for (String server : servers.split(",", -1)) {
          if (accepts(HostAndPort.parse(server.strip()))) {
            return true;
          }
        }
        TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
      } while (System.nanoTime() - deadlineNanos < 0);
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static boolean accepts(HostAndPort server) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(server.host(), server.port()), MILLIS_MAX);
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
