// SPDX-License-Identifier: Apache-2.0
/**
 * Meters, health checks and log limits, used by every role. Depends on Micrometer's core, and on no
 * registry that exports the figures.
 */
@NullMarked
package io.pabal.telemetry;

import org.jspecify.annotations.NullMarked;
