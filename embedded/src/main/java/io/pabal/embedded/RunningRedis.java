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
 * A redis-server that an {@link EmbeddedRedis} of some process started.
 *
 * @param pid its process
 * @param directory where it keeps its data
 * @param leftBehind whether the process that started it is gone
 */
public record RunningRedis(long pid, Path directory, boolean leftBehind) {

  private static final byte[] QUESTION = "INFO server\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final int TIMEOUT_MILLIS = 1_000;
  private static final int LINES_MAX = 200;

  /** The one that listens on {@code port}. */
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
              .runs(Long.parseLong(pid))
              .map(leftBehind -> new RunningRedis(Long.parseLong(pid), directory, leftBehind));
    } catch (IOException | NumberFormatException e) {
      return Optional.empty(); // somebody else's: it cannot be looked at
    }
  }

  /**
   * What the server on this port says of itself; nothing when it is no Redis, or has a password.
   */
  private static Map<String, String> info(int port) {
    Map<String, String> info = new HashMap<>();
    try (Socket socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port), TIMEOUT_MILLIS);
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket.getOutputStream().write(QUESTION);
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
      return info; // it does not speak like Redis, or not any more
    }
    return info;
  }
}
