// SPDX-License-Identifier: Apache-2.0

/** What is measured, as processes of its own. */
@NullMarked
package io.pabal.bench.process;

import org.jspecify.annotations.NullMarked;
