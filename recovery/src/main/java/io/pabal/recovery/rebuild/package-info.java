// SPDX-License-Identifier: Apache-2.0

/** Rebuild: writes sessions and timelines again after Redis has lost its data. */
@NullMarked
package io.pabal.recovery.rebuild;

import org.jspecify.annotations.NullMarked;
