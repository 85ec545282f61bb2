// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.model;

/** What a session can rely on, as numbered in the description of the package of sessions. */
enum Invariant {
  I1("what is published after SUBACK arrives"),
  I2("on one connection the positions of an address only rise"),
  I3("nothing arrives that is not subscribed to, or at a higher QoS"),
  I4("a cursor passes nothing that was not acknowledged"),
  I5("what the cursor covers is not sent again"),
  I6("a connection that ends in good order leaves its cursors behind"),
  I7("only the newest claim writes"),
  I8("Session Present says what is so"),
  I9("a new subscription begins behind what its connector has seen"),
  I10("a gap is told when there may be one, and only then"),
  I11("what is unacknowledged stays within Receive Maximum"),
  I12("everything comes to rest"),
  I13("a rewind sends a range again in order, then what is newer, and takes nothing away");

  private final String text;

  Invariant(String text) {
    this.text = text;
  }

  String text() {
    return text;
  }
}
