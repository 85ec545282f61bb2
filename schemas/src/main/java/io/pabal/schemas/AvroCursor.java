// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas;

import org.jspecify.annotations.NullMarked;

/**
 * A position in a value in Avro's binary encoding.
 *
 * <p>Every read throws {@link IndexOutOfBoundsException} at the end of the array, and {@link
 * MalformedRecordException} at bytes that no Avro writer produces. Not thread-safe.
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

  /** Reads an int or a long: zigzag, seven bits a byte, the lowest bits first. */
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

  /** Reads the branch of a union of null and another type; true for the other type. */
  boolean readBranch() {
    long branch = readLong();
    if (branch != 0 && branch != 1) {
      throw new MalformedRecordException(
          "Avro: branch " + branch + " of a union of two (expected: 0 or 1)");
    }
    return branch == 1;
  }

  /** Reads the number of elements in the next block of an array; 0 at the end of the array. */
  long readBlock() {
    long count = readLong();
    if (count < 0) {
      readLong(); // the size of the block in bytes, which is optional
      count = -count;
    }
    return count;
  }

  /** Skips a string or bytes, and returns the position of their length. */
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
