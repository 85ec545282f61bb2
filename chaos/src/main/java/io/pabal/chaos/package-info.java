// SPDX-License-Identifier: Apache-2.0

/** A run: the whole pipeline as processes, clients, random faults, and the verdict. */
@NullMarked
package io.pabal.chaos;

import org.jspecify.annotations.NullMarked;
