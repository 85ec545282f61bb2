// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.timeline;

/** The progress of a writer in one of its partitions. On the writer's thread only. */
final class PartitionProgress {

  private final int partition;
  private long top;
  private long ageFloor = -1;

  /**
   * The progress at the start of an assignment.
   *
   * @param top the offset before the next one to read
   */
  PartitionProgress(int partition, long top) {
    this.partition = partition;
    this.top = top;
  }

  int partition() {
    return partition;
  }

  /** All messages up to this offset have been written to Redis. */
  long top() {
    return top;
  }

  /** Notes that all messages up to {@code offset} are written to Redis. */
  void advance(long offset) {
    top = Math.max(top, offset);
  }

  /** All messages up to this offset are older than the timelines' maximum age; -1: none. */
  long ageFloor() {
    return ageFloor;
  }

  void age(long offset) {
    ageFloor = Math.max(ageFloor, offset);
  }
}
