// SPDX-License-Identifier: Apache-2.0
/** The router's counters. */
@NullMarked
package io.pabal.router.metrics;

import org.jspecify.annotations.NullMarked;
