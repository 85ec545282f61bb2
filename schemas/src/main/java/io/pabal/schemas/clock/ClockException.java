// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas.clock;

/**
 * This machine's clock does not agree with the brokers' clock, or cannot be compared with it. The
 * message says by how much they differ, or why they cannot be compared, and what to do.
 */
public final class ClockException extends RuntimeException {

  ClockException(String message) {
    super(message);
  }
}
