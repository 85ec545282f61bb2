// SPDX-License-Identifier: Apache-2.0
/**
 * MQTT over Netty: the listener, the state machine of a connection, and one handler class for each
 * group of MQTT packets.
 */
@NullMarked
package io.pabal.connector.mqtt;

import org.jspecify.annotations.NullMarked;
