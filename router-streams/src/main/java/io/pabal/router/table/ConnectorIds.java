// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.table;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The text of connector ids, decoded once: every row of the location table repeats the same few,
 * and every message reads a row. Keeps at most {@value #PLACES}; two whose bytes fall to the same
 * place take turns there. Not safe for use by several threads.
 */
public final class ConnectorIds {

  private static final int PLACES = 1 << 10;

  private final @Nullable Known[] places = new @Nullable Known[PLACES];

  /** The text of the UTF-8 bytes in {@code in} from {@code at} on. */
  public String text(byte[] in, int at, int length) {
    int place = place(in, at, length);
    Known known = places[place];
    if (known == null || !known.isOf(in, at, length)) {
      known = new Known(Arrays.copyOfRange(in, at, at + length));
      places[place] = known;
    }
    return known.text;
  }

  private static int place(byte[] in, int at, int length) {
    int hash = length;
    for (int i = at; i < at + length; i++) {
      hash = 31 * hash + in[i];
    }
    return (hash ^ hash >>> 10) & PLACES - 1;
  }

  private static final class Known {
    final byte[] bytes;
    final String text;

    Known(byte[] bytes) {
      this.bytes = bytes;
      this.text = new String(bytes, UTF_8);
    }

    boolean isOf(byte[] in, int at, int length) {
      return Arrays.equals(bytes, 0, bytes.length, in, at, at + length);
    }
  }
}
