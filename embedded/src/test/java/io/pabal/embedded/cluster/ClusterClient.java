// SPDX-License-Identifier: Apache-2.0
package io.pabal.embedded.cluster;

import java.io.IOException;

/** A client that follows a cluster's redirections, and tries again while a slot is not served. */
final class ClusterClient {

  private static final int ATTEMPTS_MAX = 3_000;
  private static final long RETRY_MILLIS = 20;

  private final EmbeddedRedisCluster cluster;

  ClusterClient(EmbeddedRedisCluster cluster) {
    this.cluster = cluster;
  }

  /** Sends a command to whichever node accepts it. */
  String send(String... words) throws IOException, InterruptedException {
    IOException last = new IOException("no node asked");
    for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      int port = cluster.ports().get(attempt % cluster.ports().size());
      try {
        return follow(port, words);
      } catch (IOException e) {
        last = e;
        Thread.sleep(RETRY_MILLIS);
      }
    }
    throw last;
  }

  private static String follow(int port, String... words) throws IOException {
    try {
      return RedisConsole.ask(port, words);
    } catch (RedisErrorException e) {
      String error = String.valueOf(e.getMessage());
      if (!error.startsWith("MOVED ") && !error.startsWith("ASK ")) {
        throw e;
      }
      int other = Integer.parseInt(error.substring(error.lastIndexOf(':') + 1));
      try (RedisConsole console = new RedisConsole(other)) {
        if (error.startsWith("ASK ")) {
          console.send("ASKING");
        }
        return console.send(words);
      }
    }
  }
}
