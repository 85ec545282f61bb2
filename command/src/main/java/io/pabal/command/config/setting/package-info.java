// SPDX-License-Identifier: Apache-2.0

/**
 * What a setting is: its key, how its value is written, where it was found and what may be wrong
 * with it.
 */
@NullMarked
package io.pabal.command.config.setting;

import org.jspecify.annotations.NullMarked;
