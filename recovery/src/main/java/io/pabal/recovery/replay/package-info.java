// SPDX-License-Identifier: Apache-2.0

/**
 * Replay: puts messages of a range back into timelines that lack them, and has sessions checked or,
 * when forced, rewound.
 */
@NullMarked
package io.pabal.recovery.replay;

import org.jspecify.annotations.NullMarked;
