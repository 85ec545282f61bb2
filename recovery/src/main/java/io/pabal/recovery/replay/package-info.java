// SPDX-License-Identifier: Apache-2.0

/** Replay: what a range of {@code messages} lacks in timelines is put back, and sessions are checked or, when
 * it is forced, rewound. */
@NullMarked
package io.pabal.recovery.replay;

import org.jspecify.annotations.NullMarked;
