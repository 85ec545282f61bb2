// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.delivery;

import io.pabal.telemetry.FatalError;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The subscribers of one feed on one event loop. Adding and removing take constant time. Used on
 * that loop only.
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
   * Calls {@code action} for each subscriber, from the last to the first: so no subscriber is
   * skipped when one removes itself during its call. A subscriber whose call throws is failed, and
   * the remaining subscribers are still called.
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

  /** Fails one subscriber. Does not throw, so that the remaining subscribers are called. */
  private static void fail(Subscriber subscriber, Throwable cause) {
    try {
      subscriber.failed(cause);
    } catch (Throwable e) {
      FatalError.endProcessIf(e);
      log.error("subscriber not ended in good order", e);
    }
  }
}
