// SPDX-License-Identifier: Apache-2.0
/** How Kafka Streams is set up and looked at. */
@NullMarked
package io.pabal.router.streams;

import org.jspecify.annotations.NullMarked;
