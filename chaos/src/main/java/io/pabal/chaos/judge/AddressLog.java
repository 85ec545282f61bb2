// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.judge;

import io.pabal.chaos.history.Event.Appended;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The messages of one address in the order of their positions, accessed by their index. */
final class AddressLog {

  final String address;
  private final List<Appended> messages = new ArrayList<>();

  AddressLog(String address) {
    this.address = address;
  }

  void add(Appended message) {
    messages.add(message);
  }

  void sort() {
    messages.sort(Comparator.comparingLong(message -> message.position().offset()));
  }

  int size() {
    return messages.size();
  }

  Appended get(int index) {
    return messages.get(index);
  }

  /**
   * The index of the first message that was certainly appended after {@code atMillis}: its
   * timestamp, which the broker sets at the append, is later. Timestamps need not increase with
   * positions.
   *
   * @return the size of the log if there is no such message
   */
  int firstAfter(long atMillis) {
    for (int i = 0; i < messages.size(); i++) {
      if (messages.get(i).atMillis() > atMillis) {
        return i;
      }
    }
    return messages.size();
  }
}
