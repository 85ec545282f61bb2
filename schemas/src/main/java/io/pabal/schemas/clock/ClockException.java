// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas.clock;

/** The clock of this machine does not agree with the brokers': the text says by how much. */
public final class ClockException extends RuntimeException {

  ClockException(String message) {
    super(message);
  }
}
