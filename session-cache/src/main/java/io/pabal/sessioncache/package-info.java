// SPDX-License-Identifier: Apache-2.0
/** The data that Pabal keeps in Redis: session claims, cursors and timelines. */
@NullMarked
package io.pabal.sessioncache;

import org.jspecify.annotations.NullMarked;
