// SPDX-License-Identifier: Apache-2.0
/**
 * The connector: holds clients' sockets, speaks MQTT to them, and is one station on the Kafka road.
 */
@NullMarked
package io.pabal.connector;

import org.jspecify.annotations.NullMarked;
