// SPDX-License-Identifier: Apache-2.0
/**
 * What is missing in Redis, brought back from the topics while traffic flows. Everything is driven
 * by one thread, which may block. Here is what the packages below share.
 */
@NullMarked
package io.pabal.recovery;

import org.jspecify.annotations.NullMarked;
