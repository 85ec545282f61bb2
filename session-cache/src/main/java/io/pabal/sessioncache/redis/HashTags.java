// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.redis;

import io.lettuce.core.cluster.SlotHash;
import java.nio.charset.StandardCharsets;

/**
 * A hash tag for each slot of Redis Cluster. A key with {@code {tag}} in it lies in the slot of the
 * tag, so a tag decides which primary holds the key, and keys with the same tag may be used by one
 * script.
 *
 * <p>Tags are part of the format of the data in Redis: the tag of a slot is the shortest text of
 * {@code 0-9a-z} that Redis Cluster maps to the slot, and the first one in alphabetical order. The
 * table is computed at its first use, in some ten milliseconds.
 */
public final class HashTags {

  /** The number of slots of every Redis Cluster. */
  public static final int SLOTS = SlotHash.SLOT_COUNT;

  private static final byte[] DIGITS =
      "0123456789abcdefghijklmnopqrstuvwxyz".getBytes(StandardCharsets.US_ASCII);

  private HashTags() {}

  /** The tag of a slot, without braces. */
  public static String ofSlot(int slot) {
    return Table.TAGS[slot];
  }

  /** The slot of a key: that of its tag, if it has one. */
  public static int slotOf(String key) {
    return SlotHash.getSlot(key);
  }

  private static final class Table {

    static final String[] TAGS = compute();

    private static String[] compute() {
      String[] tags = new String[SLOTS];
      int left = SLOTS;
      for (int length = 1; left > 0; length++) {
        byte[] tag = new byte[length];
        int[] digits = new int[length];
        do {
          for (int i = 0; i < length; i++) {
            tag[i] = DIGITS[digits[i]];
          }
          int slot = SlotHash.getSlot(tag);
          if (tags[slot] == null) {
            tags[slot] = new String(tag, StandardCharsets.US_ASCII);
            left--;
          }
        } while (left > 0 && next(digits));
      }
      return tags;
    }

    /** Adds one to a number of fixed length; false when it was the last one. */
    private static boolean next(int[] digits) {
      for (int i = digits.length - 1; i >= 0; i--) {
        if (++digits[i] < DIGITS.length) {
          return true;
        }
        digits[i] = 0;
      }
      return false;
    }
  }
}
