// SPDX-License-Identifier: Apache-2.0
/** What checkpoints of sessions cost Redis, and what a burst of them does to others. */
@NullMarked
package io.pabal.bench.checkpoint;

import org.jspecify.annotations.NullMarked;
