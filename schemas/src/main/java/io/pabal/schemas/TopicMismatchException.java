// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas;

/** A topic exists, but not in the shape that the catalogue gives it. */
public final class TopicMismatchException extends RuntimeException {

  /** Says which topic, what was found, what was expected and what to do. */
  public TopicMismatchException(String message) {
    super(message);
  }
}
