// SPDX-License-Identifier: Apache-2.0
/**
 * The number of partitions, which is fixed for the life of the topics: its record in Kafka, and the
 * checks that end a role, at its start or later, when a topic has another number.
 */
@NullMarked
package io.pabal.schemas.partitions;

import org.jspecify.annotations.NullMarked;
