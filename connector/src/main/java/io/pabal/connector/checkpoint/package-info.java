// SPDX-License-Identifier: Apache-2.0
/**
 * Checkpoints: the progress of the connector's sessions on its way to Redis, spread over the
 * checkpoint interval, several sessions of a bucket at a time, and bounded.
 */
@NullMarked
package io.pabal.connector.checkpoint;

import org.jspecify.annotations.NullMarked;
