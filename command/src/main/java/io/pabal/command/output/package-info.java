// SPDX-License-Identifier: Apache-2.0

/** The output of commands: data as tables or JSON, and progress bars. */
@NullMarked
package io.pabal.command.output;

import org.jspecify.annotations.NullMarked;
