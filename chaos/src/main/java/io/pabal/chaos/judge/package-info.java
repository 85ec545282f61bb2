// SPDX-License-Identifier: Apache-2.0

/** Checks whether a history keeps Pabal's promises. Depends on nothing but the history. */
@NullMarked
package io.pabal.chaos.judge;

import org.jspecify.annotations.NullMarked;
