// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.pabal.connector.fixture.Servers;
import io.pabal.connector.fixture.Wire;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collections;
import java.util.Queue;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How much memory the bytes of incomplete packets take. */
class PacketCumulatorTest {

  /** The most that Netty reads at once. */
  private static final int READ_BYTES = 64 << 10;

  /** Netty reads so often before it says that the socket has nothing more. */
  private static final int READS = 16;

  private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);

  @AfterEach
  void releaseAll() {
    assertThat(usedBytes()).isZero();
  }

  @Test
  void shouldUseTheSpaceOfDecodedBytesAgain() {
    ByteBuf buffer = read(READ_BYTES);
    for (int i = 0; i < 10 * READS; i++) {
      buffer.skipBytes(buffer.readableBytes() - 2_000);
      buffer = cumulate(buffer, read(READ_BYTES));

      assertThat(buffer.capacity()).isLessThanOrEqualTo(2 * READ_BYTES);
    }
    buffer.release();
  }

  @Test
  void shouldUseTheSpaceOfDecodedBytesAgainAlsoWhilePayloadsAreInUse() {
    Queue<ByteBuf> payloads = new ArrayDeque<>();
    ByteBuf buffer = read(READ_BYTES);
    for (int i = 0; i < 10 * READS; i++) {
      payloads.add(buffer.readRetainedSlice(buffer.readableBytes() - 2_000));
      buffer = cumulate(buffer, read(READ_BYTES));

      assertThat(buffer.capacity()).isLessThanOrEqualTo(2 * READ_BYTES);
      if (payloads.size() > 2) {
        payloads.remove().release();
      }
    }
    payloads.forEach(ByteBuf::release);
    buffer.release();
  }

  /** Each time the buffer is too small, its size is doubled: a byte is copied less than twice. */
  @Test
  void shouldCopyTheBytesOfOneLargePacketOnlyAFewTimes() {
    int allocations = 0;
    ByteBuf buffer = read(READ_BYTES);
    for (int i = 1; i < READS; i++) {
      ByteBuf joined = cumulate(buffer, read(READ_BYTES));
      allocations += joined == buffer ? 0 : 1;
      buffer = joined;
    }

    assertThat(buffer.readableBytes()).isEqualTo(READS * READ_BYTES);
    assertThat(allocations).isLessThanOrEqualTo(4);
    buffer.release();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void shouldNotChangeAByteHoweverTheyArrive(long seed) {
    var random = new Random(seed);
    byte[] sent = new byte[1 << 20];
    random.nextBytes(sent);
    var received = Unpooled.buffer(sent.length);
    Queue<ByteBuf> inUse = new ArrayDeque<>();
    ByteBuf buffer = Unpooled.EMPTY_BUFFER;
    for (int at = 0; at < sent.length; ) {
      int bytes = Math.min(sent.length - at, 1 + random.nextInt(10_000));
      buffer = cumulate(buffer, read(Arrays.copyOfRange(sent, at, at + bytes)));
      at += bytes;
      inUse.add(buffer.readRetainedSlice(random.nextInt(buffer.readableBytes() + 1)));
      while (random.nextInt(3) == 0 && !inUse.isEmpty()) {
        received.writeBytes(inUse.peek());
        inUse.remove().release();
      }
    }
    inUse.forEach(received::writeBytes);
    inUse.forEach(ByteBuf::release);
    received.writeBytes(buffer);
    buffer.release();

    assertThat(ByteBufUtil.getBytes(received)).isEqualTo(sent);
  }

  @Test
  @ExtendWith(Servers.Extension.class)
  void shouldNotLetAClientThatSendsFastTakeMore(Servers servers) {
    byte[] publish = Wire.publish(0x30, -1, "fast/1", Wire.NO_PROPERTIES, "x".repeat(1_000));
    byte[] stream = Wire.concat(Collections.nCopies(READS * 66, publish).toArray(byte[][]::new));
    try (var front = new EmbeddedFront(servers)) {
      var peer = front.connected(Wire.connect5("fast"));
      peer.allocator(allocator);
      for (int i = 0; i < READS; i++) {
        peer.read(read(Arrays.copyOfRange(stream, i * READ_BYTES, (i + 1) * READ_BYTES)));
      }

      assertThat(usedBytes()).isLessThanOrEqualTo(2 * READ_BYTES);
      assertThat(peer.isOpen()).isTrue();
    }
  }

  private ByteBuf cumulate(ByteBuf buffer, ByteBuf in) {
    return PacketCumulator.INSTANCE.cumulate(allocator, buffer, in);
  }

  private ByteBuf read(int bytes) {
    return allocator.directBuffer(bytes).writeZero(bytes);
  }

  private ByteBuf read(byte[] bytes) {
    return allocator.directBuffer(bytes.length).writeBytes(bytes);
  }

  private long usedBytes() {
    return allocator.metric().usedDirectMemory() + allocator.metric().usedHeapMemory();
  }
}
