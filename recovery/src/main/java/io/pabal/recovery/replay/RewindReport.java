// SPDX-License-Identifier: Apache-2.0
package io.pabal.recovery.replay;

/**
 * Whom a forced replay has sent again what they had.
 *
 * @param live stored sessions that were live
 * @param liveMessages messages of the range for these, counted for each
 * @param away stored sessions that were away
 * @param awayMessages messages of the range for these, counted for each
 */
public record RewindReport(long live, long liveMessages, long away, long awayMessages) {}
