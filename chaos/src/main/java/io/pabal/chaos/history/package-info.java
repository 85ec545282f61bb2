// SPDX-License-Identifier: Apache-2.0

/** The history of a run: its events, in a file that can be judged again. */
@NullMarked
package io.pabal.chaos.history;

import org.jspecify.annotations.NullMarked;
