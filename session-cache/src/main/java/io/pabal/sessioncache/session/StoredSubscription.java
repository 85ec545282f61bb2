// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.session;

/**
 * One subscription of a session.
 *
 * @param filter the topic filter; all addresses that it matches belong to one feed
 * @param options the MQTT subscription options byte
 * @param from the offset after which the subscription holds: it does not want earlier messages of
 *     its feed; -1: it wants all of them
 */
public record StoredSubscription(String filter, int options, long from) {

  /** The {@code from} of a subscription that wants all messages of its feed. */
  public static final long FROM_START = -1;

  /** A subscription that wants all messages of its feed. */
  public StoredSubscription(String filter, int options) {
    this(filter, options, FROM_START);
  }
}
