// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.delivery;

import io.pabal.connector.content.StoredMessage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One address that at least one local session is subscribed to. There is one object per address and
 * activation; its name is shared by all its subscriptions.
 *
 * <h2>Why a record at or below {@code seen} may be dropped</h2>
 *
 * <p>{@code seen} is the highest position of this address that the connector was sent, or the
 * highest head it was told. A router's producer never skips: when its record for some position
 * arrives, so did its records for all earlier positions that it routed here under <em>this
 * activation</em>; and what it did not route here under this activation lies at or below the head
 * of an {@code activated}, from where the timeline is read. So a later copy at or below {@code
 * seen}, from a router that was restarted or one that was frozen and wakes up, holds nothing new.
 *
 * <p>The activation number is part of the argument. A frozen router may still hold a location from
 * before the address was given up and taken again; its records would raise {@code seen} beyond what
 * the present router has sent. They carry the old activation and are ignored.
 *
 * <p>For the same reason records that arrive <em>before</em> the activation was answered count:
 * they raise {@code seen}, and the subscribers that wait start from there, or catch up to there.
 */
public final class Address {

  private final String name;
  private final int partition;
  private final long activation;
  private final boolean topicName;
  private final @Nullable SubscriberSet[] subscribersByLoop;

  /** Written by the delivery consumer's thread only. */
  private volatile long seen = -1;

  private volatile boolean active;

  /** How many subscriptions hold this address; guarded by the table's lock of the name. */
  int holders;

  Address(String name, int partition, long activation, int loops) {
    this.name = name;
    this.partition = partition;
    this.activation = activation;
    this.topicName = StoredMessage.isTopicName(name);
    this.subscribersByLoop = new @Nullable SubscriberSet[loops];
  }

  /** The MQTT topic name. */
  public String name() {
    return name;
  }

  /**
   * Whether the name is a valid topic name. A subscription that an earlier release stored may have
   * another one; its messages can be sent to nobody.
   */
  boolean isTopicName() {
    return topicName;
  }

  /** The partition of {@code messages} that orders this address. */
  public int partition() {
    return partition;
  }

  /** The number of this activation within the connector's incarnation. */
  public long activation() {
    return activation;
  }

  /**
   * The offset up to which everything was pushed here or lies in the timeline; -1: nothing yet. Any
   * thread.
   */
  public long seen() {
    return seen;
  }

  /** Whether the router has answered: later messages are pushed. Any thread. */
  public boolean isActive() {
    return active;
  }

  /** Adds a subscriber; on the event loop number {@code loop} only. */
  public void add(int loop, Subscriber subscriber) {
    SubscriberSet set = subscribersByLoop[loop];
    if (set == null) {
      set = new SubscriberSet();
      subscribersByLoop[loop] = set;
    }
    set.add(subscriber);
  }

  /** Removes a subscriber; on the event loop number {@code loop} only. */
  public void remove(int loop, Subscriber subscriber) {
    SubscriberSet set = subscribersByLoop[loop];
    if (set != null) {
      set.remove(subscriber);
      if (set.isEmpty()) {
        subscribersByLoop[loop] = null;
      }
    }
  }

  /** Whether there are subscribers on event loop number {@code loop}; on that loop only. */
  boolean hasSubscribers(int loop) {
    return subscribersByLoop[loop] != null;
  }

  /** How many subscribers there are on event loop number {@code loop}; on that loop only. */
  int subscribers(int loop) {
    SubscriberSet set = subscribersByLoop[loop];
    return set == null ? 0 : set.size();
  }

  void forEach(int loop, Consumer<Subscriber> action) {
    SubscriberSet set = subscribersByLoop[loop];
    if (set != null) {
      set.forEach(action);
    }
  }

  /**
   * Takes note of a position; false when it was seen before. On the delivery consumer's thread
   * only.
   */
  boolean advance(long position) {
    if (position <= seen) {
      return false;
    }
    seen = position;
    return true;
  }

  /** On the delivery consumer's thread only. */
  void activate() {
    active = true;
  }
}
