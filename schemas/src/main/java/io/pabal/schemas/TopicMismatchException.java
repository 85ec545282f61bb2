// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas;

import org.jspecify.annotations.NullMarked;

/** A topic that exists with other settings than the catalogue requires. */
@NullMarked
public final class TopicMismatchException extends RuntimeException {

  /** A failure with a message that names the topic, the value, what was expected and what to do. */
  public TopicMismatchException(String message) {
    super(message);
  }
}
