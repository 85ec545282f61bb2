// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import java.util.List;
import java.util.stream.IntStream;

/**
 * The Subscription Options byte (MQTT 5, 3.8.3.1), as it is stored with the session.
 *
 * @param qos the granted maximum QoS, 0 or 1
 * @param noLocal No Local: whether messages that the session's client publishes are not sent to it
 */
public record SubscriptionOptions(int qos, boolean noLocal) {

  private static final int QOS_MASK = 0x03;
  private static final int NO_LOCAL = 0x04;

  /** All possible options, by their byte. Subscriptions share these objects. */
  private static final List<SubscriptionOptions> ALL =
      IntStream.rangeClosed(0, QOS_MASK | NO_LOCAL)
          .mapToObj(
              bits -> new SubscriptionOptions(Math.min(1, bits & QOS_MASK), (bits & NO_LOCAL) != 0))
          .toList();

  /** The options in a stored byte. A QoS above 1 is read as 1, and other bits are ignored. */
  public static SubscriptionOptions of(int bits) {
    return ALL.get(bits & (QOS_MASK | NO_LOCAL));
  }

  /** The byte to store. */
  public int bits() {
    return qos | (noLocal ? NO_LOCAL : 0);
  }
}
