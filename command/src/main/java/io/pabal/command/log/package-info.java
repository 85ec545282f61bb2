// SPDX-License-Identifier: Apache-2.0

/**
 * The log of this process. Every line is escaped, cut, and queued for a file or for stderr. The
 * thread that logs is never blocked.
 */
@NullMarked
package io.pabal.command.log;

import org.jspecify.annotations.NullMarked;
