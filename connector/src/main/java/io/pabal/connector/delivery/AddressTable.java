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
 * <p>The first subscription of an address announces its location, the last one to go withdraws it,
 * and in between it may be announced again. All this happens under the map's lock of that address,
 * so announcements leave in the order in which the table changed.
 */
public final class AddressTable {

  /** Told of the addresses that come and go, in order per address; must not block. */
  public interface Announcer {
    /** The first subscription of the address: the router has to be told, and has to answer. */
    void announce(Address address);

    /** The router is to be told once more of an address that it has answered for. */
    void announceAgain(Address address);

    /** The last subscription of the address went. */
    void withdraw(Address address);
  }

  private final ConcurrentHashMap<String, Address> addresses = new ConcurrentHashMap<>();
  private final AtomicLong activations = new AtomicLong();
  private final Announcer announcer;
  private final int partitions;
  private final int loops;

  /**
   * A table for a connector with {@code loops} event loops and {@code messages} of {@code
   * partitions} partitions.
   */
  public AddressTable(Announcer announcer, int partitions, int loops) {
    this.announcer = announcer;
    this.partitions = partitions;
    this.loops = loops;
  }

  /** Holds the address for one subscription. */
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

  /** Gives up what {@link #acquire} held; to be called once for each. */
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
   * Announces the address once more; does nothing when it went meanwhile, or when its announcement
   * waits for an answer anyhow.
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

  /** Walks all addresses once; those that come or go meanwhile it may meet or miss. */
  Iterator<Address> walk() {
    return addresses.values().iterator();
  }

  /** The address, when a local session is subscribed to it. */
  @Nullable Address find(String name) {
    return addresses.get(name);
  }

  /**
   * As {@link #find}, but one that is being announced at this moment is there already: its answer
   * may come before {@link #acquire} has returned. May wait for the thread that is in there.
   */
  @Nullable Address findAnnounced(String name) {
    return addresses.computeIfPresent(name, (key, present) -> present);
  }

  /** How many addresses there are. */
  public int size() {
    return addresses.size();
  }
}
