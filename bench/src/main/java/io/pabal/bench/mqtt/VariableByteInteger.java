// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.mqtt;

import io.netty.buffer.ByteBuf;

/** The integers of one to four bytes in which MQTT writes lengths (MQTT 5, 1.5.5). */
final class VariableByteInteger {

  /** Not all of its bytes are there yet. */
  static final int INCOMPLETE = -1;

  private static final int BYTES_MAX = 4;

  private VariableByteInteger() {}

  static void write(ByteBuf out, int value) {
    int rest = value;
    while (rest > 0x7f) {
      out.writeByte((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    out.writeByte(rest);
  }

  /** How many bytes {@code value} takes. */
  static int size(int value) {
    return value < 1 << 7 ? 1 : value < 1 << 14 ? 2 : value < 1 << 21 ? 3 : 4;
  }

  /**
   * The value at {@code index}; {@link #INCOMPLETE} when some of its bytes are not before {@code
   * end}.
   */
  static int get(ByteBuf in, int index, int end) {
    int value = 0;
    for (int i = 0; i < BYTES_MAX; i++) {
      if (index + i >= end) {
        return INCOMPLETE;
      }
      int next = in.getByte(index + i);
      value |= (next & 0x7f) << (7 * i);
      if (next >= 0) {
        return value;
      }
    }
    throw new MalformedPacketException("a length of more than four bytes");
  }
}
