// SPDX-License-Identifier: Apache-2.0

/**
 * Measures what one primary of Redis takes: checkpoints and claims of sessions, appends to
 * timelines.
 */
@NullMarked
package io.pabal.bench.redis;

import org.jspecify.annotations.NullMarked;
