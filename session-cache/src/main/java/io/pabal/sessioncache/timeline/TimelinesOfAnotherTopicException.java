// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.timeline;

/** Redis holds the timelines of another topic {@code messages}, whose positions mean others. */
final class TimelinesOfAnotherTopicException extends IllegalStateException {

  private static final long serialVersionUID = 1L;

  TimelinesOfAnotherTopicException(String found, String expected) {
    super(
        "redis: the timelines belong to another topic \"messages\", id %s (expected: %s). Positions start anew in a new topic: delete the keys pabal:{*}:p and pabal:{*}:t:*, or use the Kafka cluster they came from."
            .formatted(found, expected));
  }
}
