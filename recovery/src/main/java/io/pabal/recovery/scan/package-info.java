// SPDX-License-Identifier: Apache-2.0

/** Reads ranges of topics: forward record by record, or backward in chunks. */
@NullMarked
package io.pabal.recovery.scan;

import org.jspecify.annotations.NullMarked;
