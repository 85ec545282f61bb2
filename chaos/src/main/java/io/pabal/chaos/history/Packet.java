// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.history;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.nio.charset.StandardCharsets;

/**
 * One PUBLISH packet of a publisher; its text form is the whole payload of the message. A message
 * that is sent again is another packet, with the next attempt number. So every packet is stored at
 * most at one position, and arrivals of different packets can be distinguished even by clients that
 * get no positions.
 *
 * @param publisher the publisher's number
 * @param sequence the message's number within its publisher
 * @param attempt the attempt to send the message, from 1
 */
public record Packet(int publisher, long sequence, int attempt) {

  /** Represents a payload that no publisher of the run created. */
  public static final Packet UNKNOWN = new Packet(-1, -1, -1);

  /** Parses a packet, {@code publisher/sequence/attempt}; {@link #UNKNOWN} for another form. */
  @JsonCreator
  public static Packet parse(String text) {
    String[] parts = text.split("/", -1);
    if (parts.length != 3) {
      return UNKNOWN;
    }
    try {
      return new Packet(
          Integer.parseInt(parts[0]), Long.parseLong(parts[1]), Integer.parseInt(parts[2]));
    } catch (NumberFormatException e) {
      return UNKNOWN;
    }
  }

  /** The packet in a message's payload; {@link #UNKNOWN} for a foreign payload. */
  public static Packet ofPayload(byte[] payload) {
    return parse(new String(payload, StandardCharsets.UTF_8));
  }

  /** The message's payload. */
  public byte[] payload() {
    return toString().getBytes(StandardCharsets.UTF_8);
  }

  @JsonValue
  @Override
  public String toString() {
    return publisher + "/" + sequence + "/" + attempt;
  }
}
