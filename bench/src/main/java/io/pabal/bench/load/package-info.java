// SPDX-License-Identifier: Apache-2.0

/** Load on any MQTT server, and what came of it. */
@NullMarked
package io.pabal.bench.load;

import org.jspecify.annotations.NullMarked;
