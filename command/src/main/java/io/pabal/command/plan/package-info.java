// SPDX-License-Identifier: Apache-2.0

/** {@code pabal plan}: how much a load needs. */
@NullMarked
package io.pabal.command.plan;

import org.jspecify.annotations.NullMarked;
