// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.load.plan;

import java.time.Duration;

/**
 * Sessions that are connected and get few messages.
 *
 * @param sessions each subscribed to an address of its own
 * @param persistent whether the server keeps the sessions while they are disconnected
 * @param connecting how many connect at the same time
 * @param rounds how often they connect; they disconnect between two rounds
 * @param settle pause between rounds, in which the server finishes the sessions that disconnected
 * @param held how long they stay connected in the last round
 * @param livePerSecond messages to 20 further sessions while the sessions connect; 0 for none
 * @param probesPerSecond messages to every {@value #PROBED_EVERY}th of them, in turn; 0 for none
 */
public record IdlePlan(
    int sessions,
    boolean persistent,
    int connecting,
    int rounds,
    Duration settle,
    Duration held,
    int livePerSecond,
    double probesPerSecond) {

  /** One of so many sessions gets messages. */
  public static final int PROBED_EVERY = 100;
}
