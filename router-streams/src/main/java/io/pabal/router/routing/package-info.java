// SPDX-License-Identifier: Apache-2.0
/**
 * The topology: messages joined with the location table, one record forwarded for each connector.
 */
@NullMarked
package io.pabal.router.routing;

import org.jspecify.annotations.NullMarked;
