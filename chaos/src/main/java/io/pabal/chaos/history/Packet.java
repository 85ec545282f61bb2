// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.history;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.nio.charset.StandardCharsets;

/**
 * One PUBLISH packet as a publisher sent it, and the whole payload of its message. A message that
 * is sent again is another packet with the next attempt number, so that every packet is stored at
 * one position at most, and every arrival can be told from every other, also by clients that are
 * not told positions.
 *
 * @param publisher the publisher's number
 * @param sequence the message's number among those of its publisher
 * @param attempt how often it was sent, from 1
 */
public record Packet(int publisher, long sequence, int attempt) {

  /** What stands for a payload that no publisher of the run made. */
  public static final Packet UNKNOWN = new Packet(-1, -1, -1);

  /** The packet in {@code text}, {@code publisher/sequence/attempt}. */
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

  /** The packet in a message's payload. */
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
