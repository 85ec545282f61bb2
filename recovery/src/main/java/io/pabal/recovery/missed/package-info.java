// SPDX-License-Identifier: Apache-2.0

/** Which subscriptions are behind, and by how much. */
@NullMarked
package io.pabal.recovery.missed;

import org.jspecify.annotations.NullMarked;
