// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.mqtt;

/**
 * What a client asks of its session.
 *
 * @param keepAliveSeconds 0 for none, at most 65,535
 * @param expirySeconds how long it is kept without a connection; 0 for not at all
 * @param receiveMaximum how many unacknowledged PUBLISH packets the client takes, at most 65,535; 0
 *     leaves it to the protocol, which is 65,535. MQTT 5 only
 */
public record SessionOptions(int keepAliveSeconds, int expirySeconds, int receiveMaximum) {

  /** One that ends with its connection. */
  public static final SessionOptions TRANSIENT = new SessionOptions(0, 0, 0);

  /** The same with {@code seconds} of keep-alive. */
  public SessionOptions withKeepAlive(int seconds) {
    return new SessionOptions(seconds, expirySeconds, receiveMaximum);
  }
}
