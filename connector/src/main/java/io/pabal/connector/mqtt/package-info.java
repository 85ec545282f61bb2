// SPDX-License-Identifier: Apache-2.0
/** The Netty side: listener, connection state machine, and one class per group of MQTT packets. */
@NullMarked
package io.pabal.connector.mqtt;

import org.jspecify.annotations.NullMarked;
