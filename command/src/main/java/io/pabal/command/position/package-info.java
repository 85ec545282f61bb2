// SPDX-License-Identifier: Apache-2.0

/** Positions in a topic, as operators write them. */
@NullMarked
package io.pabal.command.position;

import org.jspecify.annotations.NullMarked;
