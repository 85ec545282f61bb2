// SPDX-License-Identifier: Apache-2.0

/** The commands that start a pipeline of their own and measure it. */
@NullMarked
package io.pabal.command.bench.pipeline;

import org.jspecify.annotations.NullMarked;
