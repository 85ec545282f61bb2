// SPDX-License-Identifier: Apache-2.0

/** How operators' commands reach Kafka, Redis and the schema registry. */
@NullMarked
package io.pabal.command.cluster;

import org.jspecify.annotations.NullMarked;
