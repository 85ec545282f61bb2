// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.session;

/**
 * One subscription of a session.
 *
 * @param address what is subscribed to
 * @param options the MQTT subscription options byte
 * @param cursor the offset up to which every message of the address is acknowledged; -1 for none
 */
public record StoredSubscription(String address, int options, long cursor) {

  private static final char SEPARATOR = ' ';

  /** As stored in a field of the session's hash. */
  String fieldValue() {
    return Integer.toString(options) + SEPARATOR + cursor;
  }

  static StoredSubscription parse(String address, String fieldValue) {
    int separator = fieldValue.indexOf(SEPARATOR);
    return new StoredSubscription(
        address,
        Integer.parseInt(fieldValue.substring(0, separator)),
        Long.parseLong(fieldValue.substring(separator + 1)));
  }
}
