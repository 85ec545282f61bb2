// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.mqtt;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.ByteToMessageDecoder;

/**
 * Joins the bytes of an incomplete packet with those that the next read brings. The buffer has at
 * most twice as many bytes as the incomplete packet and one read together.
 *
 * <p>Netty's own {@link ByteToMessageDecoder#MERGE_CUMULATOR} does not reuse the space of bytes
 * that were decoded already before the end of a series of reads, and never shrinks. A client that
 * sends fast would take 1 MiB for as long as no read ends where a packet ends.
 *
 * <p>Has no state. Each call is made on the event loop of the connection.
 */
final class PacketCumulator implements ByteToMessageDecoder.Cumulator {

  static final PacketCumulator INSTANCE = new PacketCumulator();

  private PacketCumulator() {}

  /**
   * Returns a buffer with the unread bytes of {@code cumulation}, followed by those of {@code in}.
   * Takes over both buffers.
   */
  @Override
  public ByteBuf cumulate(ByteBufAllocator allocator, ByteBuf cumulation, ByteBuf in) {
    if (!cumulation.isReadable() && in.isContiguous()) {
      cumulation.release();
      return in;
    }
    try {
      ByteBuf joined = withRoom(allocator, cumulation, in.readableBytes());
      joined.writeBytes(in);
      return joined;
    } finally {
      in.release();
    }
  }

  private static ByteBuf withRoom(ByteBufAllocator allocator, ByteBuf cumulation, int bytes) {
    if (bytes <= cumulation.writableBytes()) {
      return cumulation;
    }
    // A payload that is still in use is a part of this buffer, and must not be moved.
    boolean movable = cumulation.refCnt() == 1;
    if (movable && bytes <= cumulation.capacity() - cumulation.readableBytes()) {
      return cumulation.discardReadBytes();
    }
    int total = Math.addExact(cumulation.readableBytes(), bytes);
    ByteBuf larger = allocator.buffer(allocator.calculateNewCapacity(total, Integer.MAX_VALUE));
    larger.writeBytes(cumulation);
    cumulation.release();
    return larger;
  }
}
