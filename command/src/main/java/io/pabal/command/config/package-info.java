// SPDX-License-Identifier: Apache-2.0

/**
 * Configuration of the single roles: each key declared once, read from a file and the environment,
 * checked as a whole.
 */
@NullMarked
package io.pabal.command.config;

import org.jspecify.annotations.NullMarked;
