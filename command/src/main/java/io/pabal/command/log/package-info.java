// SPDX-License-Identifier: Apache-2.0

/**
 * How this process writes its log: every line escaped and cut, queued in front of a file or of
 * stderr, and never blocking the thread that logs.
 */
@NullMarked
package io.pabal.command.log;

import org.jspecify.annotations.NullMarked;
