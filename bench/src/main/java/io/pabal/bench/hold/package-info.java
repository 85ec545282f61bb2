// SPDX-License-Identifier: Apache-2.0

/** Holds very many sessions on one connector, and says what one costs. */
@NullMarked
package io.pabal.bench.hold;

import org.jspecify.annotations.NullMarked;
