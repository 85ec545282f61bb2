// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.position;

import org.apache.kafka.common.TopicPartition;

/**
 * A piece of one partition.
 *
 * @param from the first offset that belongs to it
 * @param to the first offset behind it; not below {@code from}
 */
public record Span(TopicPartition partition, long from, long to) {

  /** How many offsets there are; records may be fewer, in a compacted topic. */
  public long offsets() {
    return to - from;
  }
}
