// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.loop;

import org.jspecify.annotations.Nullable;

/**
 * Finds the connections of one event loop that have been silent for too long, with one tick a
 * second and no timer object per connection.
 *
 * <p>Each entry sits in the slot of the tick at which it is to be looked at next. A read only notes
 * the tick ({@link Entry#heard}); when the entry's slot comes up and something was heard in
 * between, the entry moves on. So each entry is touched once per time-out, not once per packet. A
 * time-out longer than the wheel is looked at once a turn. Used on its event loop only.
 */
public final class KeepAliveWheel {

  private static final int SLOTS = 512;

  private final @Nullable Entry[] slots = new @Nullable Entry[SLOTS];
  private int nowTicks;

  /**
   * One connection's place in the wheel; {@link #expired} is called once, when it was silent for
   * too long.
   */
  public abstract static class Entry {
    private @Nullable Entry previous;
    private @Nullable Entry next;
    private int slot = -1;
    private int heardAtTick;
    private int timeoutTicks;

    /**
     * Called on the event loop when nothing was heard for the time-out; the entry is out of the
     * wheel then.
     */
    protected abstract void expired();

    /**
     * Called on the event loop when nothing was heard for the time-out: whether the client gave a
     * sign of life in another way. Then a further time-out begins.
     */
    protected abstract boolean isAlive();

    /** It failed while it was looked at: its connection has to end. Must not throw. */
    protected abstract void failed(Throwable cause);

    /** Notes that the client gave a sign of life. */
    public final void heard(KeepAliveWheel wheel) {
      heardAtTick = wheel.nowTicks;
    }
  }

  /** Watches {@code entry}, or changes its time-out; 0 seconds: stops watching. */
  public void watch(Entry entry, int timeoutSeconds) {
    forget(entry);
    if (timeoutSeconds > 0) {
      entry.timeoutTicks = timeoutSeconds;
      entry.heardAtTick = nowTicks;
      insert(entry);
    }
  }

  /** Stops watching {@code entry}. */
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

  /** Moves the wheel on by one second and expires what has to go. */
  public void tick() {
    nowTicks++;
    Entry entry = slots[Math.floorMod(nowTicks, SLOTS)];
    while (entry != null) {
      Entry following = entry.next;
      try {
        look(entry);
      } catch (Throwable e) {
        // Those behind it in the slot would not be looked at for a whole turn.
        entry.failed(e);
      }
      entry = following;
    }
  }

  private void look(Entry entry) {
    forget(entry);
    // A tick may come right after the entry was heard, so a full time-out has passed only one tick
    // later.
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
