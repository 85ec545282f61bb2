// SPDX-License-Identifier: Apache-2.0
/**
 * The way from the deliveries topic to the sessions: feeds, their activations, and the consumer
 * that fans messages out.
 */
@NullMarked
package io.pabal.connector.delivery;

import org.jspecify.annotations.NullMarked;
