// SPDX-License-Identifier: Apache-2.0

/** Measures one message to very many sessions, and what those notice who connect meanwhile. */
@NullMarked
package io.pabal.bench.burst;

import org.jspecify.annotations.NullMarked;
