// SPDX-License-Identifier: Apache-2.0

/** MQTT clients in the JVM of the connector that they measure: no sockets, little memory. */
@NullMarked
package io.pabal.bench.client.local;

import org.jspecify.annotations.NullMarked;
