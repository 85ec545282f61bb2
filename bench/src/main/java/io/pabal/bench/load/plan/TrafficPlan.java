// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.load.plan;

import io.pabal.bench.mqtt.Stamp;
import java.time.Duration;

/**
 * Messages to those that are connected.
 *
 * @param name of the measurement
 * @param publishers each with an address of its own
 * @param subscribers of each address
 * @param payloadBytes of each message, at least {@link #PAYLOAD_BYTES_MIN}
 * @param publishQos 0 or 1
 * @param subscribeQos 0 or 1
 * @param persistent whether the server keeps the subscribers' sessions when they leave
 * @param window messages of one publisher that may be without PUBACK, or not with all subscribers
 * @param messagesPerSecond messages of all publishers together that are due each second; 0 to send
 *     as soon as the window allows it
 * @param warmUp time before the measurement, under the same load
 * @param measured its length
 * @param connecting how many clients connect at the same time
 */
public record TrafficPlan(
    String name,
    int publishers,
    int subscribers,
    int payloadBytes,
    int publishQos,
    int subscribeQos,
    boolean persistent,
    int window,
    double messagesPerSecond,
    Duration warmUp,
    Duration measured,
    int connecting) {

  /** The length of the stamp that every measured message carries. */
  public static final int PAYLOAD_BYTES_MIN = Stamp.BYTES;

  public boolean isPaced() {
    return messagesPerSecond > 0;
  }

  /** How many connections it takes. */
  public int connections() {
    return publishers * (1 + subscribers);
  }
}
