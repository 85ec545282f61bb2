// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.failover;

import java.nio.file.Path;
import java.time.Duration;

/**
 * What to measure.
 *
 * @param mainClass the class of the {@code pabal} command, which the child processes run
 * @param directory for data, configurations and logs of the child processes; new or empty
 * @param kills how often a router is ended, at least 1; it is started again before the next end
 * @param stop how it is ended
 * @param addresses rows of the location table, at least one per partition
 * @param partitions of {@code messages}
 * @param messagesPerSecond published all the while, over all partitions in turn
 * @param streamsProtocol whether the routers use {@code router.groupProtocol: streams}
 * @param stockBroker whether the broker's settings of groups are Kafka's defaults
 * @param sessionTimeout of the routers
 * @param standbyReplicas of the routers
 * @param settle how long everything runs undisturbed before each end of a router
 * @param seed decides at which moment each router is ended
 */
public record FailoverPlan(
    String mainClass,
    Path directory,
    int kills,
    Stop stop,
    int addresses,
    int partitions,
    int messagesPerSecond,
    boolean streamsProtocol,
    boolean stockBroker,
    Duration sessionTimeout,
    int standbyReplicas,
    Duration settle,
    long seed) {

  /** How a router is ended. */
  public enum Stop {
    /** By SIGKILL: the router does not leave its group. */
    KILL,
    /** By SIGTERM: the router shuts down in order. */
    TERM
  }
}
