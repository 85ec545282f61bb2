// SPDX-License-Identifier: Apache-2.0

/** What happened in a run, as a file that can be judged again. */
@NullMarked
package io.pabal.chaos.history;

import org.jspecify.annotations.NullMarked;
