// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas.topic;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.NullMarked;

/**
 * The division of addresses into feeds. A feed is the flow of all messages whose addresses have the
 * same prefix: the first {@code prefixLevels} levels of the address, or the whole address when it
 * has fewer levels. The messages of a feed are in one partition of {@code messages}, so the feed
 * has one order. A record's key is the whole address; its partition is the partition of the prefix,
 * as Kafka's default partitioner computes it for the prefix as the key.
 *
 * <p>Every part of Pabal computes prefixes and partitions with this class. Levels are separated by
 * {@code /} (MQTT 5, 4.7.1.1). A prefix is its own prefix.
 *
 * @param partitions the number of partitions of {@code messages} and {@code locations}, at least 1
 * @param prefixLevels the number of levels of a prefix; 0: the whole address is the prefix
 */
@NullMarked
public record Feeds(int partitions, int prefixLevels) {

  /** The levels of a prefix when none are configured. */
  public static final int PREFIX_LEVELS_DEFAULT = 2;

  /** The greatest number of levels of a prefix. */
  public static final int PREFIX_LEVELS_MAX = 100;

  private static final char SEPARATOR = '/';

  /** Checks the bounds. */
  public Feeds {
    if (partitions < 1 || partitions > TopicCatalogue.PARTITIONS_MAX) {
      throw new IllegalArgumentException(
          "topics.partitions: "
              + partitions
              + " (expected: 1-"
              + TopicCatalogue.PARTITIONS_MAX
              + ")");
    }
    if (prefixLevels < 0 || prefixLevels > PREFIX_LEVELS_MAX) {
      throw new IllegalArgumentException(
          "topics.prefixLevels: " + prefixLevels + " (expected: 0-" + PREFIX_LEVELS_MAX + ")");
    }
  }

  /** The prefix of an address; the same object when the whole address is the prefix. */
  public String prefixOf(String address) {
    if (prefixLevels == 0) {
      return address;
    }
    int end = -1;
    for (int level = 0; level < prefixLevels; level++) {
      end = address.indexOf(SEPARATOR, end + 1);
      if (end < 0) {
        return address;
      }
    }
    return address.substring(0, end);
  }

  /** The prefix of an address in UTF-8; the same array when the whole address is the prefix. */
  public byte[] prefixOf(byte[] address) {
    int length = prefixLength(address);
    return length == address.length ? address : Arrays.copyOf(address, length);
  }

  /** Whether an address in UTF-8 is the prefix of a feed, and not an address below one. */
  public boolean isPrefix(byte[] address) {
    return prefixLength(address) == address.length;
  }

  /** The partition of {@code messages} that orders an address. */
  public int partitionOf(String address) {
    return Partitions.of(prefixOf(address).getBytes(StandardCharsets.UTF_8), partitions);
  }

  /** The partition of {@code messages} that orders an address in UTF-8. */
  public int partitionOf(byte[] address) {
    return Partitions.of(prefixOf(address), partitions);
  }

  private int prefixLength(byte[] address) {
    if (prefixLevels == 0) {
      return address.length;
    }
    int levels = 0;
    for (int i = 0; i < address.length; i++) {
      if (address[i] == SEPARATOR && ++levels == prefixLevels) {
        return i;
      }
    }
    return address.length;
  }
}
