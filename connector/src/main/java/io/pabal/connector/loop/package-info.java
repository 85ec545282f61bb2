// SPDX-License-Identifier: Apache-2.0
/**
 * The parts of one event loop: its batches, its keep-alive wheel, its mailbox. Event loops share
 * only the alarm for direct memory.
 */
@NullMarked
package io.pabal.connector.loop;

import org.jspecify.annotations.NullMarked;
