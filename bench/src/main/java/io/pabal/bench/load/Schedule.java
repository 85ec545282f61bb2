// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.load;

/** Decides when a publisher sends its next message. Called on the publisher's loop. */
interface Schedule {

  /** The message is not due yet. */
  long NOT_NOW = Long.MAX_VALUE;

  /** When message {@code number} was due, which is now or before; or {@link #NOT_NOW}. */
  long intendedNanos(long number);

  /** Whether message {@code number} will never be due. */
  boolean isOver(long number);

  /** As soon as the window allows, until {@code endNanos}. */
  static Schedule until(long endNanos) {
    return new Schedule() {
      @Override
      public long intendedNanos(long number) {
        long nowNanos = System.nanoTime();
        return nowNanos - endNanos < 0 ? nowNanos : NOT_NOW;
      }

      @Override
      public boolean isOver(long number) {
        return System.nanoTime() - endNanos >= 0;
      }
    };
  }

  /** As soon as the window allows, {@code count} messages. */
  static Schedule count(long count) {
    return new Schedule() {
      @Override
      public long intendedNanos(long number) {
        return number < count ? System.nanoTime() : NOT_NOW;
      }

      @Override
      public boolean isOver(long number) {
        return number >= count;
      }
    };
  }
}
