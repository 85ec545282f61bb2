// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.timeline;

/** A read that timed out because the timeline writer has not reached the required offset. */
public final class TimelineLagException extends RuntimeException {

  private static final long serialVersionUID = 1;

  TimelineLagException(String message) {
    super(message);
  }
}
