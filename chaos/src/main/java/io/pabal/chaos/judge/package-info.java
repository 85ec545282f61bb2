// SPDX-License-Identifier: Apache-2.0

/** Whether a history keeps what Pabal promises. Knows nothing but the history. */
@NullMarked
package io.pabal.chaos.judge;

import org.jspecify.annotations.NullMarked;
