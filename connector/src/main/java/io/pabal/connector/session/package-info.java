// SPDX-License-Identifier: Apache-2.0
/** MQTT sessions: subscriptions, the in-flight window, catching up, cursors and who owns them. */
@NullMarked
package io.pabal.connector.session;

import org.jspecify.annotations.NullMarked;
