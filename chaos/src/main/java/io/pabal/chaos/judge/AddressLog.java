// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.judge;

import io.pabal.chaos.history.Event.Appended;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The messages of one address in the order of their positions, known by their index in it. */
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
   * The first message that was certainly appended after {@code atMillis}: its timestamp, which its
   * producer set before it was appended, is later. Timestamps need not grow with positions.
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
