// SPDX-License-Identifier: Apache-2.0
/**
 * The metrics and the health of a process over HTTP. Requests are served on separate threads, never
 * on those that carry messages.
 */
@NullMarked
package io.pabal.command.http;

import org.jspecify.annotations.NullMarked;
