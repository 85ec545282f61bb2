// SPDX-License-Identifier: Apache-2.0
/** The brokers' clock, and whether the clock of this machine agrees with it. */
@NullMarked
package io.pabal.schemas.clock;

import org.jspecify.annotations.NullMarked;
