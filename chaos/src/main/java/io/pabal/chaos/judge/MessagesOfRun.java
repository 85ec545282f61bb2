// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.judge;

import io.pabal.chaos.history.Event.Appended;
import io.pabal.chaos.history.Packet;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All records of the topic {@code messages}. */
final class MessagesOfRun {

  /** The place of a packet: the log of its address, and its index in the log. */
  record Place(AddressLog log, int index) {}

  private final Map<String, AddressLog> logs = new HashMap<>();
  private final Map<Packet, Place> places = new HashMap<>();

  void add(Appended message) {
    log(message.address()).add(message);
  }

  /** Sorts and indexes the messages. Must be called after all messages were added. */
  void index(Findings findings) {
    for (AddressLog log : logs.values()) {
      log.sort();
      for (int i = 0; i < log.size(); i++) {
        Appended message = log.get(i);
        Place first = places.putIfAbsent(message.packet(), new Place(log, i));
        if (first != null) {
          findings.violated(
              Violation.Kind.STORED_TWICE,
              message.atMillis(),
              "packet %s of %s at %s and at %s"
                  .formatted(
                      message.packet(),
                      message.address(),
                      first.log.get(first.index).position(),
                      message.position()));
        }
      }
    }
  }

  AddressLog log(String address) {
    return logs.computeIfAbsent(address, AddressLog::new);
  }

  Collection<AddressLog> logs() {
    return logs.values();
  }

  @Nullable Place find(Packet packet) {
    return places.get(packet);
  }
}
