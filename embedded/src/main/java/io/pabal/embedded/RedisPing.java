// SPDX-License-Identifier: Apache-2.0
package io.pabal.embedded;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * Sends PING to a redis-server until it answers PONG. The server refuses connections while it
 * starts, and answers LOADING while it reads its append-only file.
 */
final class RedisPing {

  private static final byte[] PING = "PING\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] PONG = "+PONG\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final long TIMEOUT_SECONDS = 60;
  private static final long POLL_MILLIS = 20;
  private static final int SOCKET_TIMEOUT_MILLIS = 1_000;

  private RedisPing() {}

  /**
   * Waits until {@code process} answers on {@code port}. Returns false when the process ends first,
   * or does not answer within a minute.
   */
  static boolean awaitPong(int port, Process process) {
    long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS);
    try {
      while (System.nanoTime() < deadlineNanos) {
        if (process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
          return false;
        }
        if (answers(port)) {
          return process.isAlive();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return false;
  }

  private static boolean answers(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port), SOCKET_TIMEOUT_MILLIS);
      socket.setSoTimeout(SOCKET_TIMEOUT_MILLIS);
      socket.getOutputStream().write(PING);
      return Arrays.equals(socket.getInputStream().readNBytes(PONG.length), PONG);
    } catch (IOException e) {
      return false;
    }
  }
}
