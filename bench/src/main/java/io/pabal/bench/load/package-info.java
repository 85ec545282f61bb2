// SPDX-License-Identifier: Apache-2.0

/** Puts load on any MQTT server, and measures the effect. */
@NullMarked
package io.pabal.bench.load;

import org.jspecify.annotations.NullMarked;
