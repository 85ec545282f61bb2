// SPDX-License-Identifier: Apache-2.0
/**
 * Which text and which messages may be sent to a client, whoever published them: clients' libraries
 * end the connection at a packet that they find invalid, and a kept session would get the same
 * message again on every connection.
 */
@NullMarked
package io.pabal.connector.content;

import org.jspecify.annotations.NullMarked;
