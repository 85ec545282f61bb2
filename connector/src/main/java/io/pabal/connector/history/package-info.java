// SPDX-License-Identifier: Apache-2.0
/**
 * Reads messages that the timelines no longer have from {@code messages} itself. Does not depend on
 * sessions.
 */
@NullMarked
package io.pabal.connector.history;

import org.jspecify.annotations.NullMarked;
