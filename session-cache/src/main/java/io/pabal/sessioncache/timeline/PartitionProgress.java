// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.timeline;

/** How far a writer has come on one of its partitions. Used by the writer's thread only. */
final class PartitionProgress {

  private final int partition;
  private long top;
  private long ageFloor = -1;

  /**
   * At the start of an assignment.
   *
   * @param top the offset before the one that is read next
   */
  PartitionProgress(int partition, long top) {
    this.partition = partition;
    this.top = top;
  }

  int partition() {
    return partition;
  }

  /** Everything at or below this offset was in Redis once. */
  long top() {
    return top;
  }

  /** Everything up to {@code offset} is in Redis now. */
  void advance(long offset) {
    top = offset;
  }

  /** Everything at or below this offset is older than the timelines reach. */
  long ageFloor() {
    return ageFloor;
  }

  void age(long offset) {
    ageFloor = Math.max(ageFloor, offset);
  }
}
