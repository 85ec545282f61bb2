// SPDX-License-Identifier: Apache-2.0

/** Measures how sessions that fall behind in a burst catch up: from memory, and from Redis. */
@NullMarked
package io.pabal.bench.catchup;

import org.jspecify.annotations.NullMarked;
