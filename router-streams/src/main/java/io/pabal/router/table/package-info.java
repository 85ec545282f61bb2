// SPDX-License-Identifier: Apache-2.0
/** The location table: which connectors hold live sessions of a prefix. */
@NullMarked
package io.pabal.router.table;

import org.jspecify.annotations.NullMarked;
