// SPDX-License-Identifier: Apache-2.0

/** What it is worth that a connector lets in only so many at once. */
@NullMarked
package io.pabal.bench.storm;

import org.jspecify.annotations.NullMarked;
