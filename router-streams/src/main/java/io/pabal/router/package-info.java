// SPDX-License-Identifier: Apache-2.0
/**
 * The router: joins {@code messages} with the location table and forwards one record per connector.
 */
@NullMarked
package io.pabal.router;

import org.jspecify.annotations.NullMarked;
