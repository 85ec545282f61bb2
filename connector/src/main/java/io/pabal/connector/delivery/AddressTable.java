// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.delivery;

import io.pabal.schemas.topic.Partitions;
import java.util.Iterator;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The addresses that local sessions are subscribed to: the connector's own half of the location
 * table. Safe for use by many threads.
 *
 * <p>The first subscription of an address announces its location, and the end of the last
 * subscription withdraws it. In between the location may be announced again. All three calls happen
 * under the map's lock of that address, so they leave in the order in which the table changed.
 */
public final class AddressTable {

  /**
   * Announces and withdraws locations. Called in order per address, by any thread, under the
   * table's lock of the address; must not block.
   */
  public interface Announcer {
    /** The address has its first subscription: announces it to the router, which has to answer. */
    void announce(Address address);

    /** Announces once more an address whose activation the router has answered. */
    void announceAgain(Address address);

    /** The last subscription of the address has ended: withdraws its location. */
    void withdraw(Address address);
  }

  private final ConcurrentHashMap<String, Address> addresses = new ConcurrentHashMap<>();
  private final AtomicLong activations = new AtomicLong();
  private final Announcer announcer;
  private final int partitions;
  private final int loops;

  /**
   * An empty table for a connector with {@code loops} event loops and {@code messages} of {@code
   * partitions} partitions.
   */
  public AddressTable(Announcer announcer, int partitions, int loops) {
    this.announcer = announcer;
    this.partitions = partitions;
    this.loops = loops;
  }

  /** Holds the address for one subscription; announces it if it was not held before. */
  public Address acquire(String name) {
    Address held =
        addresses.compute(
            name,
            (key, present) -> {
              Address address = present;
              if (address == null) {
                int partition = Partitions.of(key, partitions);
                address = new Address(key, partition, activations.incrementAndGet(), loops);
                announcer.announce(address);
              }
              address.holders++;
              return address;
            });
    return Objects.requireNonNull(held);
  }

  /** Ends the hold of one {@link #acquire}; called once for each. Withdraws after the last one. */
  public void release(Address address) {
    addresses.computeIfPresent(
        address.name(),
        (key, present) -> {
          if (present != address || --present.holders > 0) {
            return present;
          }
          announcer.withdraw(present);
          return null;
        });
  }

  /**
   * Announces the address once more. No effect if this activation was withdrawn in the meantime, or
   * if the router has not answered its announcement yet.
   */
  void announceAgain(Address address) {
    addresses.computeIfPresent(
        address.name(),
        (key, present) -> {
          if (present == address && present.isActive()) {
            announcer.announceAgain(present);
          }
          return present;
        });
  }

  /** Walks all addresses once; may miss addresses that are added or removed during the walk. */
  Iterator<Address> walk() {
    return addresses.values().iterator();
  }

  /** The address, or null when no local session is subscribed to it. */
  @Nullable Address find(String name) {
    return addresses.get(name);
  }

  /**
   * As {@link #find}, but also finds an address whose first announcement is under way: the router's
   * answer may arrive before {@link #acquire} has returned. May wait for a thread that acquires or
   * releases the address.
   */
  @Nullable Address findAnnounced(String name) {
    return addresses.computeIfPresent(name, (key, present) -> present);
  }

  /** Number of addresses. */
  public int size() {
    return addresses.size();
  }
}
