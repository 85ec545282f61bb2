// SPDX-License-Identifier: Apache-2.0

/** A run: the whole pipeline as processes, with clients, random faults and a verdict. */
@NullMarked
package io.pabal.chaos;

import org.jspecify.annotations.NullMarked;
