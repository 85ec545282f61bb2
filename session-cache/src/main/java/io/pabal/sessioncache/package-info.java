// SPDX-License-Identifier: Apache-2.0
/** Everything that Pabal keeps in Redis: session claims and cursors, and the timelines. */
@NullMarked
package io.pabal.sessioncache;

import org.jspecify.annotations.NullMarked;
