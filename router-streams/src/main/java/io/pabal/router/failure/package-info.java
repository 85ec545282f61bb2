// SPDX-License-Identifier: Apache-2.0
/** What becomes of a record that could not be sent, and of the thread that sent it. */
@NullMarked
package io.pabal.router.failure;

import org.jspecify.annotations.NullMarked;
