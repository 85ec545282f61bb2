// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.history;

/** As many reads wait as a {@link HistoryReader} accepts. A later read may be accepted. */
public final class HistoryBusyException extends RuntimeException {

  private static final long serialVersionUID = 1;

  HistoryBusyException(String message) {
    super(message, null, false, false);
  }
}
