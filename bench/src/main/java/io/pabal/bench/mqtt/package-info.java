// SPDX-License-Identifier: Apache-2.0

/** An MQTT client that costs little: the few packets a measurement needs, and a connection. */
@NullMarked
package io.pabal.bench.mqtt;

import org.jspecify.annotations.NullMarked;
