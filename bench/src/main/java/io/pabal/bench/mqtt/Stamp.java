// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.mqtt;

import io.netty.buffer.ByteBuf;

/** The beginning of a measured payload: numbers of stream and message, and the time it was due. */
public final class Stamp {

  /** Its length. */
  public static final int BYTES = 4 + 8 + 8;

  private Stamp() {}

  static void write(ByteBuf out, int stream, long number, long intendedNanos) {
    out.writeInt(stream).writeLong(number).writeLong(intendedNanos);
  }

  /** The number of the stream. */
  public static int stream(ByteBuf in, int payloadIndex) {
    return in.getInt(payloadIndex);
  }

  /** The number of the message in its stream, from 0 on. */
  public static long number(ByteBuf in, int payloadIndex) {
    return in.getLong(payloadIndex + 4);
  }

  /** When it should have been sent, by {@link System#nanoTime}. */
  public static long intendedNanos(ByteBuf in, int payloadIndex) {
    return in.getLong(payloadIndex + 12);
  }
}
