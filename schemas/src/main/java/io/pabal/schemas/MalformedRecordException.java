// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas;

import org.jspecify.annotations.NullMarked;

/** Bytes of a topic that are not what the catalogue says they are. */
@NullMarked
public final class MalformedRecordException extends RuntimeException {

  /** Says what was found and what was expected. */
  public MalformedRecordException(String message) {
    super(message);
  }

  /** Says what was found and what was expected, and why decoding failed. */
  public MalformedRecordException(String message, Throwable cause) {
    super(message, cause);
  }
}
