// SPDX-License-Identifier: Apache-2.0
/**
 * Recovery: writes data that Redis has lost again from the topics, while traffic flows. One thread
 * of the caller drives each operation, and may block. This package holds what the packages below it
 * share.
 */
@NullMarked
package io.pabal.recovery;

import org.jspecify.annotations.NullMarked;
