// SPDX-License-Identifier: Apache-2.0
/**
 * What a process tells about itself over HTTP: its metrics and how it is. On threads of its own,
 * never on those that carry messages.
 */
@NullMarked
package io.pabal.command.http;

import org.jspecify.annotations.NullMarked;
