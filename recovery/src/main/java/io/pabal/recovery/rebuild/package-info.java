// SPDX-License-Identifier: Apache-2.0

/** Rebuild: sessions and timelines written again after Redis has lost its data. */
@NullMarked
package io.pabal.recovery.rebuild;

import org.jspecify.annotations.NullMarked;
