// SPDX-License-Identifier: Apache-2.0
/** Tests of the router. */
@NullMarked
package io.pabal.router;

import org.jspecify.annotations.NullMarked;
