// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.catchup;

import io.pabal.connector.ConnectorConfig;
import java.nio.file.Path;
import java.util.function.Function;
import java.util.function.IntSupplier;

/**
 * What to measure.
 *
 * @param mainClass the class of the {@code pabal} command, which the child processes run
 * @param directory for data, configurations and logs; new or empty
 * @param freePort gives a TCP port that stays free while nobody listens on it
 * @param config reads a connector's configuration from a file
 * @param rounds bursts with recent deliveries in memory, and as many without, in turn
 * @param burst what one burst is
 */
public record CatchUpPlan(
    String mainClass,
    Path directory,
    IntSupplier freePort,
    Function<Path, ConnectorConfig> config,
    int rounds,
    Burst burst) {

  /**
   * Messages to one address that all sessions subscribe to.
   *
   * @param sessions on one connector; each needs two file descriptors in this process
   * @param messages published as fast as the connector takes them
   * @param payloadBytes of each message, at least 10
   * @param receiveMaximum of each session: what it may have unacknowledged
   */
  public record Burst(int sessions, int messages, int payloadBytes, int receiveMaximum) {

    /** Deliveries of one burst. */
    long deliveries() {
      return (long) sessions * messages;
    }
  }
}
