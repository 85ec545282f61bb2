// SPDX-License-Identifier: Apache-2.0
/**
 * What every role measures itself with, and how it says whether it is well. Knows Micrometer, and
 * nothing of who reads the figures.
 */
@NullMarked
package io.pabal.telemetry;

import org.jspecify.annotations.NullMarked;
