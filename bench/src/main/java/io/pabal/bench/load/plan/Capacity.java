// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.load.plan;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** How many connections this process can have. */
public final class Capacity {

  /** Open files that are not connections: jars, logs, those of the event loops. */
  private static final int OTHER_FILES = 150;

  private static final Path PORT_RANGE = Path.of("/proc/sys/net/ipv4/ip_local_port_range");

  private Capacity() {}

  /** Why {@code connections} do not fit, and what to do about it; empty when they do. */
  public static Optional<String> shortage(long connections, int sourceAddresses) {
    if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system) {
      long files = system.getMaxFileDescriptorCount();
      if (connections > files - OTHER_FILES) {
        return Optional.of(
            "%d connections: this process may open %d files (expected: at most %d connections). Raise the limit (ulimit -n), or share the sessions among several processes."
                .formatted(connections, files, Math.max(0, files - OTHER_FILES)));
      }
    }
    long ports = ports() * sourceAddresses;
    return connections > ports
        ? Optional.of(
            "%d connections from %d addresses: there are %d local ports for them. Name more by --source-addresses."
                .formatted(connections, sourceAddresses, ports))
        : Optional.empty();
  }

  /** Local ports of one address towards the server. */
  private static long ports() {
    try {
      // Linux returns all of this file at the first read or nothing, so that read must be long.
      String[] range = Files.readAllLines(PORT_RANGE).getFirst().split("\\s+", -1);
      return Long.parseLong(range[1]) - Long.parseLong(range[0]) + 1;
    } catch (IOException e) {
      return 1 << 14; // the range that IANA has for this
    }
  }
}
