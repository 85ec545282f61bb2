// SPDX-License-Identifier: Apache-2.0
/** The router's configuration, and the exception with which a router reports that it failed. */
@NullMarked
package io.pabal.router.config;

import org.jspecify.annotations.NullMarked;
