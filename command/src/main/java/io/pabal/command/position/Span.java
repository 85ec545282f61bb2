// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.position;

import org.apache.kafka.common.TopicPartition;

/**
 * A range of offsets in one partition.
 *
 * @param from the first offset of the span
 * @param to the first offset behind the span; not below {@code from}
 */
public record Span(TopicPartition partition, long from, long to) {

  /** The number of offsets. In a compacted topic, the span may hold fewer records. */
  public long offsets() {
    return to - from;
  }
}
