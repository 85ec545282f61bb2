// SPDX-License-Identifier: Apache-2.0

/** How operators' commands reach Kafka and Redis. */
@NullMarked
package io.pabal.command.cluster;

import org.jspecify.annotations.NullMarked;
