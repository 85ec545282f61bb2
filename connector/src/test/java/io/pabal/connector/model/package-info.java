// SPDX-License-Identifier: Apache-2.0
/**
 * The whole resume protocol under random interleavings: real connectors, router tasks and Redis,
 * moved hand-over by hand-over by a list of commands, and compared with a simple model of what each
 * session may rely on.
 */
@NullMarked
package io.pabal.connector.model;

import org.jspecify.annotations.NullMarked;
