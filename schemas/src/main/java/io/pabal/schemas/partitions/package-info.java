// SPDX-License-Identifier: Apache-2.0
/**
 * The number of partitions that is fixed for life: where it is written down, and who refuses to
 * run, or to go on, when a topic has another one.
 */
@NullMarked
package io.pabal.schemas.partitions;

import org.jspecify.annotations.NullMarked;
