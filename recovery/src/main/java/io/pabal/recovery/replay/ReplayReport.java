// SPDX-License-Identifier: Apache-2.0
package io.pabal.recovery.replay;

/**
 * What a replay did.
 *
 * @param messagesRead messages read, of all addresses
 * @param messages messages in the range, of the addresses that were asked for
 * @param addresses how many addresses these have
 * @param checks how many addresses' live sessions were checked
 * @param lacking messages that their timelines lacked
 * @param refilled those that were put back
 * @param elapsedMillis how long this run took
 * @param readInThisRun messages read since it was started or resumed
 */
public record ReplayReport(
    long messagesRead,
    long messages,
    long addresses,
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
