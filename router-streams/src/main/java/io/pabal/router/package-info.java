// SPDX-License-Identifier: Apache-2.0
/**
 * The router: joins {@code messages} with the location table and forwards one record of each
 * message to every connector that has live sessions of its prefix.
 */
@NullMarked
package io.pabal.router;

import org.jspecify.annotations.NullMarked;
