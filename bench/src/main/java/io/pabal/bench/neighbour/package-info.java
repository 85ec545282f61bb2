// SPDX-License-Identifier: Apache-2.0

/** What the clients of one connector notice when another one dies. */
@NullMarked
package io.pabal.bench.neighbour;

import org.jspecify.annotations.NullMarked;
