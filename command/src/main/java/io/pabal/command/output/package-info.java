// SPDX-License-Identifier: Apache-2.0

/** What commands print: tables or JSON as data, progress as chatter. */
@NullMarked
package io.pabal.command.output;

import org.jspecify.annotations.NullMarked;
