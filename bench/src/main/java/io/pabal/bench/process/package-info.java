// SPDX-License-Identifier: Apache-2.0

/** What measurements share: processes of their own, and waiting. */
@NullMarked
package io.pabal.bench.process;

import org.jspecify.annotations.NullMarked;
