// SPDX-License-Identifier: Apache-2.0

/** How many records the router routes, beside a Kafka Streams application that does nothing. */
@NullMarked
package io.pabal.bench.router;

import org.jspecify.annotations.NullMarked;
