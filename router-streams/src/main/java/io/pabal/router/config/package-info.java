// SPDX-License-Identifier: Apache-2.0
/** What a router is told before it starts, and how it says that it could not. */
@NullMarked
package io.pabal.router.config;

import org.jspecify.annotations.NullMarked;
