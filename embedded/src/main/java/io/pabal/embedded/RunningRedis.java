// SPDX-License-Identifier: Apache-2.0
package io.pabal.embedded;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A running redis-server that an {@link EmbeddedRedis} of this or another process started.
 *
 * @param pid the server's process id
 * @param directory the server's data directory
 * @param leftBehind whether the process that started the server has ended
 */
public record RunningRedis(long pid, Path directory, boolean leftBehind) {

  private static final byte[] INFO_REQUEST = "INFO server\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final int TIMEOUT_MILLIS = 1_000;
  private static final int LINES_MAX = 200;

  /** The server that listens on {@code port}. */
  static Optional<RunningRedis> on(int port) {
    Map<String, String> info = info(port);
    String config = info.getOrDefault("config_file", "");
    Path directory = config.isEmpty() ? null : Path.of(config).getParent();
    return directory == null ? Optional.empty() : of(directory, info.get("process_id"));
  }

  private static Optional<RunningRedis> of(Path directory, @Nullable String pid) {
    try {
      return pid == null
          ? Optional.empty()
          : new RedisOwnership(directory, EmbeddedRedis.config(directory))
              .isLeftBehind(Long.parseLong(pid))
              .map(leftBehind -> new RunningRedis(Long.parseLong(pid), directory, leftBehind));
    } catch (IOException | NumberFormatException e) {
      return Optional.empty(); // another user's server, whose pid file cannot be read
    }
  }

  /** The fields of the server's answer to INFO; empty when it is not Redis, or has a password. */
  private static Map<String, String> info(int port) {
    Map<String, String> info = new HashMap<>();
    try (Socket socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port), TIMEOUT_MILLIS);
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket.getOutputStream().write(INFO_REQUEST);
      var lines =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      for (int i = 0; i < LINES_MAX && !info.containsKey("config_file"); i++) {
        String line = lines.readLine();
        if (line == null) {
          break;
        }
        int colon = line.indexOf(':');
        if (colon > 0) {
          info.put(line.substring(0, colon), line.substring(colon + 1));
        }
      }
    } catch (IOException e) {
      return info; // the server is not Redis, or closed the connection
    }
    return info;
  }
}
