// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas;

import org.jspecify.annotations.NullMarked;

/** A topic exists, but not in the shape that the catalogue gives it. */
@NullMarked
public final class TopicMismatchException extends RuntimeException {

  /** Says which topic, what was found, what was expected and what to do. */
  public TopicMismatchException(String message) {
    super(message);
  }
}
