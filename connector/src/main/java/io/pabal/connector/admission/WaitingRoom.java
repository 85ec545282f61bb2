// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.admission;

import io.netty.channel.EventLoop;
import io.pabal.connector.admission.Admission.Permit;
import io.pabal.connector.admission.Admission.Refused;
import io.pabal.telemetry.FatalError;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the CONNECTs of one event loop wait for a permit, in the order in which they came. Used on
 * that loop only; nothing blocks.
 *
 * <p>One that waits costs its socket, which is there anyway, and a place here; one that is refused
 * costs a new connection and its client's growing pause. So it waits, for {@code
 * admission.waitMillis} at most; how many wait, over all loops, is bounded by {@link Admission}.
 *
 * <p>While somebody waits, the loop looks every {@value #PERIOD_MILLIS} ms who may come in. It lets
 * in, or turns away, at most {@value #GUESTS_PER_TURN_MAX} of them and then serves its other
 * connections again: the later a busy loop is, the fewer it lets in.
 */
public final class WaitingRoom {

  private static final Logger log = LoggerFactory.getLogger(WaitingRoom.class);

  private static final int PERIOD_MILLIS = 5;
  private static final int GUESTS_PER_TURN_MAX = 32;

  /** One CONNECT. Of these two there is one call at most, and none after {@link #leave}. */
  public interface Guest {
    /** Its session may be claimed; it has to {@link Permit#end}. */
    void letIn(Permit permit);

    /** It has to come again later. */
    void turnAway(Refused reason);
  }

  private final Admission admission;
  private final EventLoop eventLoop;

  /** Each with the time at which it came. */
  private final SequencedMap<Guest, Long> waiting = new LinkedHashMap<>();

  /** Why those that wait were not let in when it was last asked. */
  private Refused lastRefused = Refused.RATE;

  private boolean looksSoon;

  /** The empty waiting room of {@code eventLoop}. */
  public WaitingRoom(Admission admission, EventLoop eventLoop) {
    this.admission = admission;
    this.eventLoop = eventLoop;
  }

  /** Lets {@code guest} in or turns it away, at once or when its turn has come. */
  public void enter(Guest guest) {
    if (!waiting.isEmpty()) {
      await(guest);
      return;
    }
    switch (admission.ask()) {
      case Permit permit -> guest.letIn(permit);
      case Refused refused -> {
        lastRefused = refused;
        await(guest);
      }
    }
  }

  /** Forgets {@code guest}, which has gone, if it still waits. */
  public void leave(Guest guest) {
    if (waiting.remove(guest) != null) {
      admission.waitsNoMore();
    }
  }

  private void await(Guest guest) {
    if (!admission.mayWait(lastRefused)) {
      turnAway(guest);
      return;
    }
    waiting.put(guest, admission.nowNanos());
    lookSoon();
  }

  private void lookSoon() {
    if (!looksSoon) {
      looksSoon = true;
      var _ = eventLoop.schedule(this::look, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void look() {
    looksSoon = false;
    try {
      for (int i = 0; i < GUESTS_PER_TURN_MAX && !waiting.isEmpty(); i++) {
        if (!nextLeft()) {
          break;
        }
      }
    } catch (Throwable e) {
      FatalError.endProcessIf(e);
      // The others still have to be looked after.
      log.error("CONNECT that waited failed", e);
    }
    if (!waiting.isEmpty()) {
      lookSoon();
    }
  }

  /** Whether the one that waits longest waits no more. */
  private boolean nextLeft() {
    Map.Entry<Guest, Long> next = waiting.firstEntry();
    Guest guest = next.getKey();
    return switch (admission.ask()) {
      case Permit permit -> {
        leave(guest);
        guest.letIn(permit);
        yield true;
      }
      case Refused refused -> {
        lastRefused = refused;
        boolean tooLong = admission.hasWaitedTooLong(next.getValue());
        if (tooLong) {
          leave(guest);
          turnAway(guest);
        }
        yield tooLong;
      }
    };
  }

  private void turnAway(Guest guest) {
    admission.turnedAway(lastRefused);
    guest.turnAway(lastRefused);
  }
}
