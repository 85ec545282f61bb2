// SPDX-License-Identifier: Apache-2.0
/** Appends published messages to the messages topic, and never blocks an event loop. */
@NullMarked
package io.pabal.connector.ingress;

import org.jspecify.annotations.NullMarked;
