// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.loop;

import org.jspecify.annotations.Nullable;

/**
 * Finds the connections of one event loop that have been silent for too long (MQTT 5 and 3.1.1,
 * 3.1.2.10), with one tick a second and no timer object per connection.
 *
 * <p>Each entry is in the slot of the tick at which it is checked next. A read only records the
 * present tick ({@link Entry#heard}). When the wheel reaches the entry's slot and the client gave a
 * sign of life in between, the entry moves to a later slot. So each entry is checked once per
 * time-out, not once per packet. An entry whose time-out is longer than the wheel is checked once
 * per revolution. Used on its event loop only.
 */
public final class KeepAliveWheel {

  private static final int SLOTS = 512;

  private final @Nullable Entry[] slots = new @Nullable Entry[SLOTS];
  private int nowTicks;

  /**
   * One connection's entry in the wheel. {@link #expired} is called once, when the connection was
   * silent for too long.
   */
  public abstract static class Entry {
    private @Nullable Entry previous;
    private @Nullable Entry next;
    private int slot = -1;
    private int heardAtTick;
    private int timeoutTicks;

    /**
     * Called on the event loop when the client gave no sign of life for the time-out and is not
     * {@link #isAlive alive}. The entry has been removed from the wheel before.
     */
    protected abstract void expired();

    /**
     * Whether the client gave a sign of life in another way than {@link #heard}; then a further
     * time-out begins. Called on the event loop when {@code heard} was not called for the time-out.
     */
    protected abstract boolean isAlive();

    /** The check of the entry threw: its connection has to end. Must not throw. */
    protected abstract void failed(Throwable cause);

    /** Records that the client gave a sign of life. Called on the event loop only. */
    public final void heard(KeepAliveWheel wheel) {
      heardAtTick = wheel.nowTicks;
    }
  }

  /** Starts to watch {@code entry}, or changes its time-out. 0 seconds: stops watching. */
  public void watch(Entry entry, int timeoutSeconds) {
    forget(entry);
    if (timeoutSeconds > 0) {
      entry.timeoutTicks = timeoutSeconds;
      entry.heardAtTick = nowTicks;
      insert(entry);
    }
  }

  /** Stops watching {@code entry}. No effect if it is not watched. */
  public void forget(Entry entry) {
    if (entry.slot < 0) {
      return;
    }
    if (entry.previous != null) {
      entry.previous.next = entry.next;
    } else {
      slots[entry.slot] = entry.next;
    }
    if (entry.next != null) {
      entry.next.previous = entry.previous;
    }
    entry.previous = null;
    entry.next = null;
    entry.slot = -1;
  }

  /** Advances the wheel by one second and checks the entries of the new slot. */
  public void tick() {
    nowTicks++;
    Entry entry = slots[Math.floorMod(nowTicks, SLOTS)];
    while (entry != null) {
      Entry following = entry.next;
      try {
        check(entry);
      } catch (Throwable e) {
        // Otherwise the entries behind it in the slot are not checked for a whole revolution.
        entry.failed(e);
      }
      entry = following;
    }
  }

  private void check(Entry entry) {
    forget(entry);
    // A tick may follow right after the sign of life, so a full time-out has passed for certain
    // only one tick later.
    boolean silent = nowTicks - entry.heardAtTick > entry.timeoutTicks;
    if (silent && !entry.isAlive()) {
      entry.expired();
      return;
    }
    if (silent) {
      entry.heardAtTick = nowTicks;
    }
    insert(entry);
  }

  private void insert(Entry entry) {
    int due = entry.heardAtTick + entry.timeoutTicks + 1 - nowTicks;
    int slot = Math.floorMod(nowTicks + Math.clamp(due, 1, SLOTS - 1), SLOTS);
    Entry first = slots[slot];
    entry.slot = slot;
    entry.next = first;
    if (first != null) {
      first.previous = entry;
    }
    slots[slot] = entry;
  }
}
