// SPDX-License-Identifier: Apache-2.0
package io.pabal.embedded;

import java.nio.file.Path;

/**
 * The configuration file of a redis-server that keeps its data on disk and accepts connections from
 * this machine only.
 *
 * <p>The append-only file grows to 512 MB before Redis rewrites it. Every message is in this file.
 * With the default of 64 MB, a second process would rewrite and compress the file for a third of
 * the time.
 */
final class RedisSettings {

  private RedisSettings() {}

  static String of(Path directory, Path logFile, int port) {
    return """
        bind 127.0.0.1
        port %d
        protected-mode yes
        daemonize no
        dir %s
        logfile %s
        save ""
        appendonly yes
        appendfsync everysec
        auto-aof-rewrite-min-size 512mb
        rdbcompression no
        maxmemory-policy noeviction
        proc-title-template "{title} {listen-addr} {server-mode} {config-file}"
        """
        .formatted(port, quoted(directory), quoted(logFile));
  }

  private static String quoted(Path path) {
    return '"' + path.toString().replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
