// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.config;

/**
 * How the partitions are assigned to the routers of one application.
 *
 * <p>Neither protocol loses a message. With both, the partitions of a router that dies are
 * reassigned after {@link RouterConfig#sessionTimeout()}. The protocols differ in the brokers'
 * setting that is the lower bound of this timeout: with Kafka's defaults, brokers accept 6 s for
 * {@link #CLASSIC}, but at least 45 s for {@link #STREAMS}. So use {@link #CLASSIC} unless the
 * brokers' settings are known.
 */
public enum GroupProtocol {
  /**
   * The routers elect a leader, which assigns the partitions. The brokers' {@code
   * group.min.session.timeout.ms} is the lower bound of the session timeout.
   */
  CLASSIC("group.min.session.timeout.ms"),
  /**
   * The brokers assign the partitions (KIP-1071, Kafka 4.2 or later). Their {@code
   * group.streams.min.session.timeout.ms} is the lower bound of the session timeout, and their
   * {@code group.streams.min.heartbeat.interval.ms} the lower bound of an eighth of it.
   */
  STREAMS("group.streams.min.session.timeout.ms");

  private final String sessionTimeoutBound;

  GroupProtocol(String sessionTimeoutBound) {
    this.sessionTimeoutBound = sessionTimeoutBound;
  }

  /** The name of the brokers' setting that is the lower bound of the session timeout. */
  public String sessionTimeoutBound() {
    return sessionTimeoutBound;
  }
}
