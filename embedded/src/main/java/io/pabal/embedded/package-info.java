// SPDX-License-Identifier: Apache-2.0

/**
 * A real Kafka broker, Redis server and schema registry without Docker, for the all-in-one command
 * and for tests.
 */
@NullMarked
package io.pabal.embedded;

import org.jspecify.annotations.NullMarked;
