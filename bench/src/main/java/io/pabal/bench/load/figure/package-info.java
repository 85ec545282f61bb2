// SPDX-License-Identifier: Apache-2.0

/** What is counted and computed while a server is under load. */
@NullMarked
package io.pabal.bench.load.figure;

import org.jspecify.annotations.NullMarked;
