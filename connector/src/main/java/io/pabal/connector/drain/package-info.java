// SPDX-License-Identifier: Apache-2.0
/** Leaving in good order: sessions are sent elsewhere, a few at a time. */
@NullMarked
package io.pabal.connector.drain;

import org.jspecify.annotations.NullMarked;
