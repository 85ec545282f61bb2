// SPDX-License-Identifier: Apache-2.0
/** Timelines: the newest messages of every feed in Redis, which resuming sessions read. */
@NullMarked
package io.pabal.sessioncache.timeline;

import org.jspecify.annotations.NullMarked;
