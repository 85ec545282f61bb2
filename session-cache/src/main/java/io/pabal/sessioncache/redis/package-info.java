// SPDX-License-Identifier: Apache-2.0
/**
 * The connection to Redis. Its queue is bounded, calls do not block, and commands are not replayed.
 * Internal to this module.
 */
@NullMarked
package io.pabal.sessioncache.redis;

import org.jspecify.annotations.NullMarked;
