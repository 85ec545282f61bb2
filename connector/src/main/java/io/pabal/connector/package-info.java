// SPDX-License-Identifier: Apache-2.0
/**
 * The connector: accepts the connections of MQTT clients, appends the messages that they publish to
 * Kafka, and delivers to them the messages that routers have written to its deliveries topic.
 */
@NullMarked
package io.pabal.connector;

import org.jspecify.annotations.NullMarked;
