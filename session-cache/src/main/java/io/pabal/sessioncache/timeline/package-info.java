// SPDX-License-Identifier: Apache-2.0
/** The newest messages of every address in Redis: written from Kafka, read by resuming sessions. */
@NullMarked
package io.pabal.sessioncache.timeline;

import org.jspecify.annotations.NullMarked;
