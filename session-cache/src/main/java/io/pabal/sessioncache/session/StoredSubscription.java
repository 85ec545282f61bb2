// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.session;

import org.jspecify.annotations.Nullable;

/**
 * One subscription of a session.
 *
 * @param address the subscribed address
 * @param options the MQTT subscription options byte
 * @param cursor the offset up to which every message of the address is acknowledged; -1 for none
 * @param gap the lost range whose report the client has not acknowledged; null: none
 */
public record StoredSubscription(
    String address, int options, long cursor, @Nullable StoredGap gap) {

  private static final String SEPARATOR = " ";

  /** A subscription without a gap. */
  public StoredSubscription(String address, int options, long cursor) {
    this(address, options, cursor, null);
  }

  /** The value of the subscription's field in the session's hash. */
  String fieldValue() {
    String value = options + SEPARATOR + cursor;
    return gap == null ? value : value + SEPARATOR + gap.from() + SEPARATOR + gap.through();
  }

  static StoredSubscription parse(String address, String fieldValue) {
    String[] parts = fieldValue.split(SEPARATOR, -1);
    return new StoredSubscription(
        address,
        Integer.parseInt(parts[0]),
        Long.parseLong(parts[1]),
        parts.length < 4
            ? null
            : new StoredGap(Long.parseLong(parts[2]), Long.parseLong(parts[3])));
  }
}
