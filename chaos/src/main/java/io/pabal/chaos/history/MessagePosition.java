// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.history;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** The position of a message in the topic {@code messages}: its partition and its offset. */
public record MessagePosition(int partition, long offset) {

  /**
   * Parses a position, {@code partition:offset}.
   *
   * @throws IllegalArgumentException when {@code text} has another form
   */
  @JsonCreator
  public static MessagePosition parse(String text) {
    int colon = text.indexOf(':');
    if (colon < 0) {
      throw new IllegalArgumentException(
          "position: %s (expected: PARTITION:OFFSET)".formatted(text));
    }
    return new MessagePosition(
        Integer.parseInt(text.substring(0, colon)), Long.parseLong(text.substring(colon + 1)));
  }

  @JsonValue
  @Override
  public String toString() {
    return partition + ":" + offset;
  }
}
