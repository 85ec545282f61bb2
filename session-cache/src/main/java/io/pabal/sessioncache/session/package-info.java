// SPDX-License-Identifier: Apache-2.0
/** Sessions in Redis: claims with a fencing epoch, subscriptions and cursors. */
@NullMarked
package io.pabal.sessioncache.session;

import org.jspecify.annotations.NullMarked;
