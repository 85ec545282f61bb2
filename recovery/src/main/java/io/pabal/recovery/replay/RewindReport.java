// SPDX-License-Identifier: Apache-2.0
package io.pabal.recovery.replay;

/**
 * The sessions that a forced replay has rewound.
 *
 * @param live stored sessions that were live
 * @param liveMessages messages of the range for live sessions, counted for each session
 * @param away stored sessions that were away
 * @param awayMessages messages of the range for sessions that were away, counted for each session
 */
public record RewindReport(long live, long liveMessages, long away, long awayMessages) {}
