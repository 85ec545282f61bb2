// SPDX-License-Identifier: Apache-2.0
/** Sessions in Redis: who owns one (claims with a fencing epoch), its subscriptions and cursors. */
@NullMarked
package io.pabal.sessioncache.session;

import org.jspecify.annotations.NullMarked;
