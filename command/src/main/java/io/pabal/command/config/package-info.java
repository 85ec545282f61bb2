// SPDX-License-Identifier: Apache-2.0

/**
 * The configuration of each role. Each key is declared once and read from a file and the
 * environment. The settings are checked as a whole.
 */
@NullMarked
package io.pabal.command.config;

import org.jspecify.annotations.NullMarked;
