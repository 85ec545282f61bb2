// SPDX-License-Identifier: Apache-2.0
package io.pabal.recovery.replay;

/**
 * The result of a replay.
 *
 * @param messagesRead messages read, of all feeds
 * @param messages messages in the range, of the chosen feeds
 * @param feeds the number of feeds of these messages
 * @param checks the number of feeds whose live sessions were checked
 * @param lacking messages that their timelines lacked
 * @param refilled lacking messages that were put back
 * @param elapsedMillis the duration of this run
 * @param readInThisRun messages read since it was started or resumed
 */
public record ReplayReport(
    long messagesRead,
    long messages,
    long feeds,
    long checks,
    long lacking,
    long refilled,
    long elapsedMillis,
    long readInThisRun) {

  /** Messages read per second. */
  public long messagesPerSecond() {
    return elapsedMillis == 0 ? 0 : readInThisRun * 1_000 / elapsedMillis;
  }
}
