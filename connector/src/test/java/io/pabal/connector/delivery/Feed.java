// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.delivery;

import io.pabal.schemas.Codecs;

/** Does to an address on event loop 0 what the delivery consumer does, when the test says so. */
public final class Feed {

  private Feed() {}

  /** The router has answered. */
  public static void activate(Address address, long head) {
    address.advance(head);
    address.activate();
    new LoopEvent.Activation(address, address.seen()).apply(0);
  }

  /** The router has forwarded a message. */
  public static void push(Address address, long offset, byte[] value) {
    if (address.advance(offset)) {
      new Delivery(address, offset, Codecs.MESSAGE.decode(value), System.currentTimeMillis())
          .apply(0);
    }
  }
}
