// SPDX-License-Identifier: Apache-2.0

/** How fast a replay reads, and what it does to live traffic. */
@NullMarked
package io.pabal.bench.replay;

import org.jspecify.annotations.NullMarked;
