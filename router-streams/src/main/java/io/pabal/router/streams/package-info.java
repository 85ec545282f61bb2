// SPDX-License-Identifier: Apache-2.0
/** The settings, the meters and the state directory of Kafka Streams. */
@NullMarked
package io.pabal.router.streams;

import org.jspecify.annotations.NullMarked;
