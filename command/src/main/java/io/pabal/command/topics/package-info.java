// SPDX-License-Identifier: Apache-2.0

/** {@code pabal topics}: whether the topics meet the needs of the delivery guarantee. */
@NullMarked
package io.pabal.command.topics;

import org.jspecify.annotations.NullMarked;
