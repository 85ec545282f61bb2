// SPDX-License-Identifier: Apache-2.0

/** Measures how long claims of sessions wait when a primary of a Redis Cluster is replaced. */
@NullMarked
package io.pabal.bench.redis.failover;

import org.jspecify.annotations.NullMarked;
