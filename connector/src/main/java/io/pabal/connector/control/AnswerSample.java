// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.control;

import io.pabal.connector.delivery.Address;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Measures how long the router takes to answer an announcement, for at most {@value #SAMPLED_MAX}
 * addresses at a time: each address costs one look at an array. Any thread; never blocks.
 */
final class AnswerSample {

  private static final int SAMPLED_MAX = 64;

  private record Announced(Address address, long nanos) {}

  private final AtomicReferenceArray<@Nullable Announced> places =
      new AtomicReferenceArray<>(SAMPLED_MAX);
  private final LongConsumer listener;

  /**
   * No address is measured yet.
   *
   * @param listener gets each time, in nanoseconds; must not block
   */
  AnswerSample(LongConsumer listener) {
    this.listener = listener;
  }

  /** The address was announced; it is measured if its place is free. */
  void announced(Address address, long nowNanos) {
    int place = place(address);
    if (places.get(place) == null) {
      places.compareAndSet(place, null, new Announced(address, nowNanos));
    }
  }

  /** The router has answered the address. */
  void answered(Address address, long nowNanos) {
    Announced measured = taken(address);
    if (measured != null) {
      listener.accept(nowNanos - measured.nanos);
    }
  }

  /** The address needs no answer any more. */
  void withdrawn(Address address) {
    var _ = taken(address);
  }

  private @Nullable Announced taken(Address address) {
    int place = place(address);
    Announced present = places.get(place);
    return present != null
            && present.address == address
            && places.compareAndSet(place, present, null)
        ? present
        : null;
  }

  private static int place(Address address) {
    return Math.floorMod(address.activation(), SAMPLED_MAX);
  }
}
