// SPDX-License-Identifier: Apache-2.0
/** How much may begin at a time. */
@NullMarked
package io.pabal.connector.admission;

import org.jspecify.annotations.NullMarked;
