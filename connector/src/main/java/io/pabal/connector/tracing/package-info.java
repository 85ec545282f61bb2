// SPDX-License-Identifier: Apache-2.0
/**
 * Distributed tracing of some messages: W3C Trace Context from MQTT 5 user properties through Kafka
 * headers to the recipients, with a span on the way in and one on the way out.
 *
 * <p><b>No cost when off.</b> There is no object that does nothing: without tracing there is no
 * {@link io.pabal.connector.tracing.Tracing}. Its callers, once for each append and once for each
 * delivery record, find null in a final field. They look up no header and allocate nothing.
 */
@NullMarked
package io.pabal.connector.tracing;

import org.jspecify.annotations.NullMarked;
