// SPDX-License-Identifier: Apache-2.0

/** MQTT clients that cost little: thousands of sessions, and traffic whose latency is taken. */
@NullMarked
package io.pabal.bench.client;

import org.jspecify.annotations.NullMarked;
