// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.config;

/**
 * How the routers of one application agree on who has which partition.
 *
 * <p>Both lose nothing, and with both a router that dies is replaced after {@link
 * RouterConfig#sessionTimeout()}. What differs is which setting of the brokers bounds that timeout
 * below: brokers with Kafka's defaults take 6 s of {@link #CLASSIC} and not less than 45 s of
 * {@link #STREAMS}. Hence {@link #CLASSIC} unless the brokers' settings are known.
 */
public enum GroupProtocol {
  /**
   * The routers elect a leader among themselves, which assigns. The brokers' {@code
   * group.min.session.timeout.ms} bounds the session timeout.
   */
  CLASSIC("group.min.session.timeout.ms"),
  /**
   * The brokers assign (KIP-1071, Kafka 4.2 or later). Their {@code
   * group.streams.min.session.timeout.ms} and {@code group.streams.min.heartbeat.interval.ms} bound
   * the session timeout and an eighth of it.
   */
  STREAMS("group.streams.min.session.timeout.ms");

  private final String sessionTimeoutBound;

  GroupProtocol(String sessionTimeoutBound) {
    this.sessionTimeoutBound = sessionTimeoutBound;
  }

  /** The brokers' setting below which they refuse a session timeout. */
  public String sessionTimeoutBound() {
    return sessionTimeoutBound;
  }
}
