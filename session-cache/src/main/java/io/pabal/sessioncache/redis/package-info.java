// SPDX-License-Identifier: Apache-2.0
/** The connection to Redis: bounded, never blocked on, never replayed. Internal to this module. */
@NullMarked
package io.pabal.sessioncache.redis;

import org.jspecify.annotations.NullMarked;
