// SPDX-License-Identifier: Apache-2.0
package io.pabal.recovery;

import java.util.function.Predicate;

/**
 * What to replay.
 *
 * @param addresses which ones
 * @param connectorId the connector whose live sessions are checked; empty: all
 * @param dryRun whether only to look
 * @param messagesPerSecond how many to read at most; 0: no bound
 */
public record ReplayPlan(
    Predicate<String> addresses, String connectorId, boolean dryRun, long messagesPerSecond) {}
