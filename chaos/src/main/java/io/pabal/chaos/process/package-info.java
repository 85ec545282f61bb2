// SPDX-License-Identifier: Apache-2.0

/** The parts as processes of their own, and what is done to them. */
@NullMarked
package io.pabal.chaos.process;

import org.jspecify.annotations.NullMarked;
