// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.timeline;

/** The timeline writer did not come as far as a reader needs, in the time that it had. */
public final class TimelineLagException extends RuntimeException {

  private static final long serialVersionUID = 1;

  TimelineLagException(String message) {
    super(message);
  }
}
