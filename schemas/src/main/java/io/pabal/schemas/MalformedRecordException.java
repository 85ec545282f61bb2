// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas;

import org.jspecify.annotations.NullMarked;

/** A record whose bytes are not of the type that the catalogue gives its topic. */
@NullMarked
public final class MalformedRecordException extends RuntimeException {

  /** A failure with a message that names the value and what was expected. */
  public MalformedRecordException(String message) {
    super(message);
  }

  /** A failure with a message, and the exception of the decoder. */
  public MalformedRecordException(String message, Throwable cause) {
    super(message, cause);
  }
}
