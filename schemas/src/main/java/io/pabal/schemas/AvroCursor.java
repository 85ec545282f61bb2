// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas;

import org.jspecify.annotations.NullMarked;

/**
 * Walks over values in Avro's binary encoding.
 *
 * <p>Every read throws {@link IndexOutOfBoundsException} at the end of the array, and {@link
 * MalformedRecordException} at what no Avro writer makes. Not safe for use by several threads.
 */
@NullMarked
final class AvroCursor {

  private static final int LONG_BITS = 64;

  private final byte[] bytes;
  private int position;

  AvroCursor(byte[] bytes, int position) {
    this.bytes = bytes;
    this.position = position;
  }

  int position() {
    return position;
  }

  byte readByte() {
    return bytes[position++];
  }

  /** An int or a long: zigzag, seven bits to a byte, the lowest first. */
  long readLong() {
    long raw = 0;
    for (int shift = 0; shift < LONG_BITS; shift += 7) {
      byte next = bytes[position++];
      raw |= (next & 0x7FL) << shift;
      if (next >= 0) {
        return raw >>> 1 ^ -(raw & 1);
      }
    }
    throw new MalformedRecordException("Avro: a number of more than ten bytes");
  }

  /** The branch of a union of null and something: whether it is something. */
  boolean readBranch() {
    long branch = readLong();
    if (branch != 0 && branch != 1) {
      throw new MalformedRecordException(
          "Avro: branch " + branch + " of a union of two (expected: 0 or 1)");
    }
    return branch == 1;
  }

  /** How many elements the next block of an array has; 0 at its end. */
  long readBlock() {
    long count = readLong();
    if (count < 0) {
      readLong(); // the block's size in bytes, which a writer may give
      count = -count;
    }
    return count;
  }

  /** Goes past a string or bytes, and returns where their length stands. */
  int skipBytes() {
    int at = position;
    long length = readLong();
    if (length < 0 || length > bytes.length - position) {
      throw new MalformedRecordException(
          "Avro: %d bytes (expected: 0 to %d, which are left)"
              .formatted(length, bytes.length - position));
    }
    position += (int) length;
    return at;
  }
}
