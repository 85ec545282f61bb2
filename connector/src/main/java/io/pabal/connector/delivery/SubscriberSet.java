// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.delivery;

import io.pabal.telemetry.FatalError;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The subscribers of one address on one event loop; adding and removing cost the same however many
 * there are.
 */
final class SubscriberSet {

  private static final Logger log = LoggerFactory.getLogger(SubscriberSet.class);

  private @Nullable Subscriber[] subscribers = new @Nullable Subscriber[1];
  private int size;

  void add(Subscriber subscriber) {
    if (size == subscribers.length) {
      subscribers = Arrays.copyOf(subscribers, size * 2);
    }
    subscriber.place = size;
    subscribers[size++] = subscriber;
  }

  void remove(Subscriber subscriber) {
    int place = subscriber.place;
    if (place < 0) {
      return;
    }
    Subscriber last = subscribers[--size];
    subscribers[size] = null;
    if (last != null && place < size) {
      subscribers[place] = last;
      last.place = place;
    }
    subscriber.place = -1;
  }

  int size() {
    return size;
  }

  boolean isEmpty() {
    return size == 0;
  }

  /**
   * Calls {@code action} for each. Backwards, so that a subscriber that removes itself meanwhile
   * makes none be skipped; one that throws is told so and harms no other.
   */
  void forEach(Consumer<Subscriber> action) {
    for (int i = size - 1; i >= 0; i--) {
      Subscriber subscriber = i < size ? subscribers[i] : null;
      if (subscriber == null) {
        continue;
      }
      try {
        action.accept(subscriber);
      } catch (Throwable e) {
        fail(subscriber, e);
      }
    }
  }

  /** The others still get theirs, whatever became of this one. */
  private static void fail(Subscriber subscriber, Throwable cause) {
    try {
      subscriber.failed(cause);
    } catch (Throwable e) {
      FatalError.endProcessIf(e);
      log.error("subscriber not ended in good order", e);
    }
  }
}
