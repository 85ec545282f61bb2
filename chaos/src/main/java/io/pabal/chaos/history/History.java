// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.history;

import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;

/** The events of a run. Can be read more than once. */
public interface History {

  /** Calls {@code action} with each event from the first to the last. */
  void forEach(Consumer<Event> action) throws IOException;

  /** A history in memory. */
  static History of(List<Event> events) {
    return events::forEach;
  }
}
