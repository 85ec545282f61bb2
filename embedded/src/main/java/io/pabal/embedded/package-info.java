// SPDX-License-Identifier: Apache-2.0

/**
 * A real Kafka broker and a real Redis server without Docker: for the all-in-one command and for
 * tests.
 */
@NullMarked
package io.pabal.embedded;

import org.jspecify.annotations.NullMarked;
