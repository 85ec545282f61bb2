// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.judge;

import io.pabal.chaos.history.Event.Acknowledged;
import io.pabal.chaos.history.Event.Appended;
import io.pabal.chaos.history.Event.Published;
import io.pabal.chaos.history.Packet;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * Checks the promises to publishers. An acknowledged packet is stored. The first occurrences of a
 * publisher's messages at an address are stored in the order in which the publisher sent them.
 */
final class PublisherTrial {

  private final MessagesOfRun messages;
  private final Findings findings;
  private final Map<Packet, String> sent = new HashMap<>();
  long acknowledged;

  PublisherTrial(MessagesOfRun messages, Findings findings) {
    this.messages = messages;
    this.findings = findings;
  }

  void published(Published event) {
    sent.put(event.packet(), event.address());
  }

  void acknowledged(Acknowledged event) {
    acknowledged++;
    if (messages.find(event.packet()) == null) {
      findings.violated(
          Violation.Kind.ACKNOWLEDGED_NOT_STORED,
          event.atMillis(),
          "packet %s to %s".formatted(event.packet(), sent.get(event.packet())));
    }
  }

  /** Checks the stored messages. Must be called after all events. */
  void judge() {
    for (AddressLog log : messages.logs()) {
      Map<Integer, BitSet> stored = new HashMap<>();
      for (int i = 0; i < log.size(); i++) {
        Appended message = log.get(i);
        if (!log.address.equals(sent.get(message.packet()))) {
          findings.violated(
              Violation.Kind.STORED_NOT_SENT,
              message.atMillis(),
              "packet %s at %s of %s, sent to %s"
                  .formatted(
                      message.packet(),
                      message.position(),
                      log.address,
                      sent.get(message.packet())));
        } else {
          checkSequence(
              message, stored.computeIfAbsent(message.packet().publisher(), p -> new BitSet()));
        }
      }
    }
  }

  private void checkSequence(Appended message, BitSet stored) {
    int sequence = Math.toIntExact(message.packet().sequence());
    if (!stored.get(sequence) && stored.length() > sequence) {
      findings.violated(
          Violation.Kind.STORED_OUT_OF_SEQUENCE,
          message.atMillis(),
          "packet %s at %s of %s, behind message %d of the same publisher"
              .formatted(
                  message.packet(), message.position(), message.address(), stored.length() - 1));
    }
    stored.set(sequence);
  }
}
