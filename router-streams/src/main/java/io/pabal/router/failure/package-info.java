// SPDX-License-Identifier: Apache-2.0
/** The handling of records that could not be sent, and of stream threads that failed. */
@NullMarked
package io.pabal.router.failure;

import org.jspecify.annotations.NullMarked;
