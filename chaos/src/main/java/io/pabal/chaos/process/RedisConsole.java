// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Sends an inline command to a Redis server. */
final class RedisConsole {

  private static final int TIMEOUT_MILLIS = 20_000;

  private RedisConsole() {}

  /**
   * Deletes all data of the server. Blocks.
   *
   * @throws IOException when the server does not answer in time that its data is deleted
   */
  static void flushAll(int port) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port), TIMEOUT_MILLIS);
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket.getOutputStream().write("FLUSHALL\r\n".getBytes(StandardCharsets.US_ASCII));
      String answer =
          new BufferedReader(
                  new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
              .readLine();
      if (!"+OK".equals(answer)) {
        throw new IOException("FLUSHALL: " + answer + " (expected: +OK)");
      }
    }
  }
}
