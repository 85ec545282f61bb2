// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.mqtt;

import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;

/**
 * The packets of one connection that cannot be processed yet, in the order in which they were
 * received. Used on the connection's event loop only.
 *
 * <p>Reading is paused while packets are held, so usually only the packets of one read are held.
 * When the client closes the connection, however, Netty reads all bytes that the kernel has
 * received, and none of these packets may be lost. Therefore the bytes that a connection holds
 * beyond {@value #FREE_BYTES} are taken from a {@link Budget} that all connections of an event loop
 * share.
 */
final class HeldPackets {

  /** Bytes that every connection may hold without taking from the budget. */
  static final int FREE_BYTES = 2 << 20;

  /** Bytes that a packet costs apart from its payload. */
  private static final int PACKET_BYTES = 256;

  private final ArrayDeque<MqttMessage> packets = new ArrayDeque<>();
  private final Budget budget;
  private long bytes;

  HeldPackets(Budget budget) {
    this.budget = budget;
  }

  boolean isEmpty() {
    return packets.isEmpty();
  }

  /** Memory that the held packets take, bytes, approximately. */
  long bytes() {
    return bytes;
  }

  /**
   * Adds a packet behind the others. Returns false when the budget is used up: then the packet is
   * not added, and the caller has to release it.
   */
  boolean addLast(MqttMessage packet) {
    long cost = cost(packet);
    if (!budget.take(excess(bytes + cost) - excess(bytes))) {
      return false;
    }
    bytes += cost;
    packets.addLast(packet);
    return true;
  }

  /** Puts back, in front of the others, the packet that was to be processed next. */
  void addFirst(MqttMessage packet) {
    long cost = cost(packet);
    budget.force(excess(bytes + cost) - excess(bytes));
    bytes += cost;
    packets.addFirst(packet);
  }

  /** Removes the oldest packet. Throws when no packet is held. */
  MqttMessage removeFirst() {
    MqttMessage packet = packets.removeFirst();
    long cost = cost(packet);
    budget.force(excess(bytes - cost) - excess(bytes));
    bytes -= cost;
    return packet;
  }

  /** Releases and removes all packets. */
  void clear() {
    while (!packets.isEmpty()) {
      ReferenceCountUtil.release(removeFirst());
    }
  }

  private static long excess(long bytes) {
    return Math.max(0, bytes - FREE_BYTES);
  }

  private static long cost(MqttMessage packet) {
    return packet instanceof MqttPublishMessage publish
        ? PACKET_BYTES + publish.payload().readableBytes()
        : PACKET_BYTES;
  }

  /**
   * How many bytes the connections of one event loop may hold together beyond {@link #FREE_BYTES}
   * each. Used on that event loop only.
   */
  static final class Budget {

    /** The bound of one event loop, bytes. */
    static final long BYTES_MAX = 32L << 20;

    private final long bytesMax;
    private long taken;

    Budget(long bytesMax) {
      this.bytesMax = bytesMax;
    }

    /** Takes {@code bytes}; returns false, and takes none, where that would exceed the bound. */
    boolean take(long bytes) {
      if (bytes > 0 && taken + bytes > bytesMax) {
        return false;
      }
      taken += bytes;
      return true;
    }

    /** Takes {@code bytes}, even beyond the bound; a negative number gives bytes back. */
    void force(long bytes) {
      taken += bytes;
    }

    long bytesMax() {
      return bytesMax;
    }

    long taken() {
      return taken;
    }
  }
}
