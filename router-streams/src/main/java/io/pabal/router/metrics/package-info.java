// SPDX-License-Identifier: Apache-2.0
/** What a router counts, and how often it may say the same thing. */
@NullMarked
package io.pabal.router.metrics;

import org.jspecify.annotations.NullMarked;
