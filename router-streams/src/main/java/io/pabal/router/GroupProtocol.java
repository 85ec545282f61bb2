// SPDX-License-Identifier: Apache-2.0
package io.pabal.router;

/**
 * How the routers of one application agree on who has which partition.
 *
 * <p>Both lose nothing. {@link #STREAMS} moves partitions in about half the time and without
 * holding up those that stay, and a stream thread that is replaced leaves at once, but its timeouts
 * are the brokers': on brokers with Kafka's defaults the partitions of a router that was killed
 * rest for 45 s. Hence {@link #CLASSIC} unless the brokers' settings are known.
 */
public enum GroupProtocol {
  /** The routers elect a leader among themselves, which assigns; the session timeout is 6 s. */
  CLASSIC,
  /**
   * The brokers assign (KIP-1071, Kafka 4.2 or later). Set {@code group.streams.session.timeout.ms}
   * and {@code group.streams.min.session.timeout.ms} on the brokers to 6000 or so.
   */
  STREAMS
}
