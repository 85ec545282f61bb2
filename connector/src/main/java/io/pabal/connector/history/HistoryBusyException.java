// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.history;

/** As many reads as a {@link HistoryReader} takes on wait already; a later one may find room. */
public final class HistoryBusyException extends RuntimeException {

  private static final long serialVersionUID = 1;

  HistoryBusyException(String message) {
    super(message, null, false, false);
  }
}
