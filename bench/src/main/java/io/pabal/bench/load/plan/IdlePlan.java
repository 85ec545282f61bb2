// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.load.plan;

import java.time.Duration;

/**
 * Sessions that are there and get little.
 *
 * @param sessions each subscribed to an address of its own
 * @param connecting how many connect at the same time
 * @param rounds how often they connect; before the next they leave
 * @param settle how long all rests between rounds, so that the server is done with those that left
 * @param held how long they stay in the last round
 * @param probesPerSecond messages to every {@value #PROBED_EVERY}th of them, in turn; 0 for none
 */
public record IdlePlan(
    int sessions,
    int connecting,
    int rounds,
    Duration settle,
    Duration held,
    double probesPerSecond) {

  /** One of so many sessions gets messages. */
  public static final int PROBED_EVERY = 100;
}
