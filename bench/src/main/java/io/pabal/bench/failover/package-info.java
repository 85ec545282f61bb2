// SPDX-License-Identifier: Apache-2.0

/** How long deliveries pause when one of two routers ends. */
@NullMarked
package io.pabal.bench.failover;

import org.jspecify.annotations.NullMarked;
