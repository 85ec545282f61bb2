// SPDX-License-Identifier: Apache-2.0
/**
 * What belongs to one event loop: its batches, its keep-alive wheel, its mailbox. Nothing here is
 * shared between loops.
 */
@NullMarked
package io.pabal.connector.loop;

import org.jspecify.annotations.NullMarked;
