// SPDX-License-Identifier: Apache-2.0

/** Measures the processor time that a Pabal takes with nothing to do. */
@NullMarked
package io.pabal.bench.rest;

import org.jspecify.annotations.NullMarked;
