// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.hold;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** What Redis keeps as data, without the tables of keys and expiries. */
final class RedisMemory {

  private static final String LINE = "used_memory_dataset:";

  private RedisMemory() {}

  /** In bytes; blocks for a moment. */
  static long datasetBytes(int port) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        var in =
            new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))) {
      socket.getOutputStream().write("INFO memory\r\nQUIT\r\n".getBytes(StandardCharsets.UTF_8));
      return in.lines()
          .filter(line -> line.startsWith(LINE))
          .mapToLong(line -> Long.parseLong(line.substring(LINE.length())))
          .findFirst()
          .orElseThrow(() -> new IOException("Redis did not tell its memory"));
    }
  }
}
