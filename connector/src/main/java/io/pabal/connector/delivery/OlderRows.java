// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.delivery;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Handles deliveries under an earlier activation of an address that is live. Such a delivery may
 * show that the router's location table holds an older row, so the address is announced again at
 * once. The delivery may also come from a router that was frozen; then the announcement is not
 * needed and does no harm.
 *
 * <p>Announces at most {@value #ADDRESSES_MAX} addresses in {@value #SECONDS} seconds, and each of
 * them once. Further addresses wait for {@link LocationRefresh}. Used by the delivery consumer's
 * thread only.
 */
final class OlderRows {

  private static final int ADDRESSES_MAX = 1_000;
  private static final int SECONDS = 5;

  private final AddressTable addresses;
  private final Set<Address> announced = new HashSet<>();
  private long beganNanos = System.nanoTime();

  OlderRows(AddressTable addresses) {
    this.addresses = addresses;
  }

  /** A delivery arrived that is not for the present activation of address {@code name}. */
  void noteDelivery(String name, long activation) {
    Address present = addresses.find(name);
    if (present == null || activation >= present.activation() || !present.isActive()) {
      return;
    }
    long nowNanos = System.nanoTime();
    if (nowNanos - beganNanos >= TimeUnit.SECONDS.toNanos(SECONDS)) {
      announced.clear();
      beganNanos = nowNanos;
    }
    if (announced.size() < ADDRESSES_MAX && announced.add(present)) {
      addresses.announceAgain(present);
    }
  }
}
