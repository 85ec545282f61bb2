// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.hold;

import java.nio.file.Path;
import java.util.function.IntSupplier;

/**
 * What to measure.
 *
 * @param mainClass the class of the {@code pabal} command, which the child processes run
 * @param directory for data, configurations and logs of the child processes; new or empty
 * @param freePort gives a TCP port that stays free while nobody listens on it
 * @param heap of the connector and its clients, as of {@code -Xmx}
 * @param collector the garbage collector of the connector's JVM
 * @param load what the connector holds
 */
public record HoldPlan(
    String mainClass,
    Path directory,
    IntSupplier freePort,
    String heap,
    Collector collector,
    HoldLoad load) {

  /** A garbage collector of the JVM. */
  public enum Collector {
    /** Garbage first. */
    G1,
    /** The generational Z. */
    ZGC;

    String option() {
      return this == G1 ? "-XX:+UseG1GC" : "-XX:+UseZGC";
    }
  }
}
