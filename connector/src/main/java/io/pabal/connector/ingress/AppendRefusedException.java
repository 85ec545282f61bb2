// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.ingress;

/**
 * Says that {@code messages} does not accept one message, however often it is sent: the fault lies
 * with this message, and other messages are not affected. The text is for the client. Has no stack
 * trace.
 */
public final class AppendRefusedException extends Exception {

  private final boolean tooLarge;

  private AppendRefusedException(String text, boolean tooLarge) {
    super(text, null, false, false);
    this.tooLarge = tooLarge;
  }

  static AppendRefusedException tooLarge(int recordBytes, int recordBytesMax) {
    return new AppendRefusedException(
        "the message is "
            + recordBytes
            + " bytes as it is stored (expected: at most "
            + recordBytesMax
            + ")",
        true);
  }

  static AppendRefusedException invalid() {
    return new AppendRefusedException("the message is not valid for the store", false);
  }

  /** Whether the record of the message is larger than {@code messages} accepts. */
  public boolean isTooLarge() {
    return tooLarge;
  }
}
