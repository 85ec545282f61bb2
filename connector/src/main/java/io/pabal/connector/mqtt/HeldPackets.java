// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.mqtt;

import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;

/**
 * The packets of one connection that cannot be processed yet, in the order in which they came. On
 * the connection's event loop only.
 *
 * <p>Reading stops while packets wait, so that mostly these are the packets of one read. When the
 * client closes the connection, though, Netty hands over everything that the kernel has received,
 * and nothing of it may be lost. What a connection holds beyond {@value #FREE_BYTES} bytes is
 * therefore taken from a {@link Budget} that all connections of an event loop share.
 */
final class HeldPackets {

  /** What every connection may hold. */
  static final int FREE_BYTES = 2 << 20;

  /** What a packet costs apart from its payload. */
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

  /** Memory that the packets take, about. */
  long bytes() {
    return bytes;
  }

  /** Adds a packet behind the others; false, and the packet is not taken, at the bound. */
  boolean addLast(MqttMessage packet) {
    long cost = cost(packet);
    if (!budget.take(excess(bytes + cost) - excess(bytes))) {
      return false;
    }
    bytes += cost;
    packets.addLast(packet);
    return true;
  }

  /** Puts the packet back that was to be processed next. */
  void addFirst(MqttMessage packet) {
    long cost = cost(packet);
    budget.force(excess(bytes + cost) - excess(bytes));
    bytes += cost;
    packets.addFirst(packet);
  }

  /** Takes the packet that came first; there has to be one. */
  MqttMessage removeFirst() {
    MqttMessage packet = packets.removeFirst();
    long cost = cost(packet);
    budget.force(excess(bytes - cost) - excess(bytes));
    bytes -= cost;
    return packet;
  }

  /** Throws all packets away. */
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

  /** What the connections of one event loop may hold beyond {@link #FREE_BYTES} each. */
  static final class Budget {

    /** The bound of an event loop. */
    static final long BYTES_MAX = 32L << 20;

    private final long bytesMax;
    private long taken;

    Budget(long bytesMax) {
      this.bytesMax = bytesMax;
    }

    /** Takes so many bytes, unless that would exceed the bound. */
    boolean take(long bytes) {
      if (bytes > 0 && taken + bytes > bytesMax) {
        return false;
      }
      taken += bytes;
      return true;
    }

    /** Takes so many bytes, or gives them back where negative. */
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
