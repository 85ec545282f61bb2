// SPDX-License-Identifier: Apache-2.0

/** Which load is put on which server. */
@NullMarked
package io.pabal.bench.load.plan;

import org.jspecify.annotations.NullMarked;
