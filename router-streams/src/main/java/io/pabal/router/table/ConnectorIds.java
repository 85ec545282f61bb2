// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.table;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A cache of decoded connector ids. Every row of the location table repeats the same few ids, and
 * every message reads a row. Holds at most {@value #SLOTS} ids. Two ids with the same slot replace
 * each other. Not safe for use by several threads.
 */
public final class ConnectorIds {

  private static final int SLOTS = 1 << 10;

  private final @Nullable CachedId[] slots = new @Nullable CachedId[SLOTS];

  /** The text of the {@code length} UTF-8 bytes in {@code in} from index {@code at}. */
  public String text(byte[] in, int at, int length) {
    int slot = slot(in, at, length);
    CachedId cached = slots[slot];
    if (cached == null || !cached.isOf(in, at, length)) {
      cached = new CachedId(Arrays.copyOfRange(in, at, at + length));
      slots[slot] = cached;
    }
    return cached.text;
  }

  private static int slot(byte[] in, int at, int length) {
    int hash = length;
    for (int i = at; i < at + length; i++) {
      hash = 31 * hash + in[i];
    }
    return (hash ^ hash >>> 10) & SLOTS - 1;
  }

  private static final class CachedId {
    final byte[] bytes;
    final String text;

    CachedId(byte[] bytes) {
      this.bytes = bytes;
      this.text = new String(bytes, UTF_8);
    }

    boolean isOf(byte[] in, int at, int length) {
      return Arrays.equals(bytes, 0, bytes.length, in, at, at + length);
    }
  }
}
