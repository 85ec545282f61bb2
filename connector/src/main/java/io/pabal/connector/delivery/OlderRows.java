// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.delivery;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * What is done about a delivery under an earlier activation of an address that is live: it may show
 * that the router's table holds an older row, so the address is announced again at once. It may as
 * well come from a router that was frozen, which nothing need be done about.
 *
 * <p>At most {@value #ADDRESSES_MAX} addresses in {@value #SECONDS} seconds, and each of them once;
 * what is beyond waits for {@link LocationRefresh}. Used by the delivery consumer's thread only.
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

  /** A delivery for {@code activation} of an address arrived. */
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
