// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.loop;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Carries items from any thread to one event loop, with one task per burst instead of one per item.
 *
 * <p>The senders bound the mailbox: each item is counted elsewhere before it is posted, as an
 * append or as a read in flight.
 */
public final class Mailbox<T> {

  private final Executor eventLoop;
  private final Consumer<List<T>> reader;
  private final Object lock = new Object();
  private List<T> arriving = new ArrayList<>();
  private List<T> draining = new ArrayList<>();
  private boolean scheduled;

  /**
   * A mailbox whose {@code reader} is called on {@code eventLoop} only; the list is valid during
   * the call.
   */
  public Mailbox(Executor eventLoop, Consumer<List<T>> reader) {
    this.eventLoop = eventLoop;
    this.reader = reader;
  }

  /** Adds an item. Any thread; never waits for the reader. */
  public void post(T item) {
    boolean schedule;
    synchronized (lock) {
      arriving.add(item);
      schedule = !scheduled;
      scheduled = true;
    }
    if (schedule) {
      eventLoop.execute(this::drain);
    }
  }

  private void drain() {
    List<T> batch;
    synchronized (lock) {
      batch = arriving;
      arriving = draining;
      draining = batch;
      scheduled = false;
    }
    try {
      reader.accept(batch);
    } finally {
      batch.clear();
    }
  }
}
