// SPDX-License-Identifier: Apache-2.0
/**
 * Which text and which messages may be sent to clients, whichever producer appended them. A
 * client's library ends the connection at a packet that it finds invalid, and a kept session would
 * get that message again on every connection.
 */
@NullMarked
package io.pabal.connector.content;

import org.jspecify.annotations.NullMarked;
