// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.delivery;

import io.pabal.connector.content.StoredMessage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One feed in which at least one local session has a subscription: all messages of one prefix, in
 * the order of their positions. The connector gets every message of the feed; each session picks
 * those that its subscriptions match. There is one object per feed and activation, and all users of
 * the feed share its name.
 *
 * <h2>Why a record at or below {@code seen} may be dropped</h2>
 *
 * <p>{@code seen} is the highest position of this feed that a router has sent to this connector, as
 * a message or as the head of an {@code activated} record. A router's producer never skips a
 * record. So when its record for some position arrives, its records for all earlier positions that
 * it routed here under <em>this activation</em> have arrived, too. The positions that it did not
 * route here under this activation lie at or below the head of an {@code activated} record; the
 * sessions read them from the timeline. So a later copy at or below {@code seen} holds nothing new.
 * Such copies come from a router that was restarted, or from one that was frozen and wakes up.
 *
 * <p>The activation number is part of the argument. A frozen router may still hold a location that
 * is older than the last withdrawal of the feed. Its records would raise {@code seen} beyond the
 * positions that the present router has sent. They carry the old activation and are ignored.
 *
 * <p>For the same reason, records that arrive <em>before</em> the router has answered the
 * activation count: they raise {@code seen}. The subscribers that wait for the answer start at
 * {@code seen}, or catch up to it.
 */
public final class Feed {

  private final String name;
  private final int partition;
  private final long activation;
  private final boolean topicName;
  private final @Nullable SubscriberSet[] subscribersByLoop;

  /** Written by the delivery consumer's thread only. */
  private volatile long seen = -1;

  private volatile boolean active;

  /** Recent deliveries; null: none. Written by the delivery consumer's thread only. */
  private volatile @Nullable DeliveryRing ring;

  /** Number of sessions that hold this feed; guarded by the table's lock of the name. */
  int holders;

  Feed(String name, int partition, long activation, int loops) {
    this.name = name;
    this.partition = partition;
    this.activation = activation;
    this.topicName = StoredMessage.isTopicName(name);
    this.subscribersByLoop = new @Nullable SubscriberSet[loops];
  }

  /** The prefix of the feed's addresses. */
  public String name() {
    return name;
  }

  /**
   * The same address, as the object that all deliveries to the feed's own name share. So a
   * comparison with a filter needs no look at the characters in most cases.
   */
  String shared(String address) {
    return address.equals(name) ? name : address;
  }

  /**
   * Whether an address of this feed is a valid topic name (MQTT 5, 4.7). Messages of other
   * addresses, which a foreign producer may append, cannot be sent to any client.
   */
  @SuppressWarnings("ReferenceEquality") // the answer for the name is kept; see shared
  boolean isTopicName(String address) {
    return address == name ? topicName : StoredMessage.isTopicName(address);
  }

  /** The partition of {@code messages} that orders this feed. */
  public int partition() {
    return partition;
  }

  /** The number of this activation within the connector's incarnation. */
  public long activation() {
    return activation;
  }

  /**
   * The offset up to which every message was pushed here or lies in the timeline; -1: none yet. Any
   * thread.
   */
  public long seen() {
    return seen;
  }

  /** Whether the router has answered the activation: later messages are pushed. Any thread. */
  public boolean isActive() {
    return active;
  }

  /**
   * The messages with {@code after < offset <= through} from memory, at most {@code countMax} of
   * them. Null when memory may lack one of them: they are in the timeline. Any thread; does not
   * block for more than a copy of {@code countMax} references.
   */
  public @Nullable RecentDeliveries recent(long after, long through, int countMax) {
    DeliveryRing present = ring;
    return present == null ? null : present.read(after, through, countMax);
  }

  /** The feed's ring. Called on the delivery consumer's thread only. */
  @Nullable DeliveryRing ring() {
    return ring;
  }

  /** Sets the feed's ring. Called on the delivery consumer's thread only. */
  void ring(@Nullable DeliveryRing changed) {
    ring = changed;
  }

  /** Adds a subscriber. Called on event loop number {@code loop} only. */
  public void add(int loop, Subscriber subscriber) {
    SubscriberSet set = subscribersByLoop[loop];
    if (set == null) {
      set = new SubscriberSet();
      subscribersByLoop[loop] = set;
    }
    set.add(subscriber);
  }

  /** Removes a subscriber, if it is there. Called on event loop number {@code loop} only. */
  public void remove(int loop, Subscriber subscriber) {
    SubscriberSet set = subscribersByLoop[loop];
    if (set != null) {
      set.remove(subscriber);
      if (set.isEmpty()) {
        subscribersByLoop[loop] = null;
      }
    }
  }

  /** Whether event loop number {@code loop} has subscribers. Called on that loop only. */
  boolean hasSubscribers(int loop) {
    return subscribersByLoop[loop] != null;
  }

  /** Number of subscribers on event loop number {@code loop}. Called on that loop only. */
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
   * Raises {@code seen} to {@code position}. False, without effect, when {@code position} is not
   * beyond it. Called on the delivery consumer's thread only.
   */
  boolean advance(long position) {
    if (position <= seen) {
      return false;
    }
    seen = position;
    return true;
  }

  /** The router has answered. Called on the delivery consumer's thread only. */
  void activate() {
    active = true;
  }
}
