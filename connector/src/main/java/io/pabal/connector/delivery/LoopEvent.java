// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.delivery;

import io.pabal.connector.loop.LoopContext;
import io.pabal.schemas.DeliveryHeader.Rewind;
import io.pabal.telemetry.DelayHistogram;

/**
 * One event of a poll. Every event loop applies it to its own subscribers, in the order of the
 * poll.
 */
interface LoopEvent {

  /** Applies the event. Called on event loop number {@code loop}. */
  void apply(int loop);

  /** As {@link #apply(int)}, but flushes in between when much output has gathered. */
  default void apply(LoopContext loop) {
    apply(loop.index());
  }

  /**
   * Applying the event failed, so it is unknown which subscribers of event loop number {@code loop}
   * it reached: all of them fail. Called on that loop.
   */
  void failed(int loop, Throwable cause);

  /**
   * The sockets of event loop number {@code loop} were flushed, at {@code nowMillis} (milliseconds
   * since 1970). Called on that loop.
   */
  default void written(int loop, long nowMillis, DelayHistogram delays) {}

  /** The router has answered an activation; see {@link Subscriber#activated}. */
  record Activation(Feed feed, long head) implements LoopEvent {
    @Override
    public void apply(int loop) {
      feed.forEach(loop, subscriber -> subscriber.activated(head));
    }

    @Override
    public void failed(int loop, Throwable cause) {
      feed.forEach(loop, subscriber -> subscriber.failed(cause));
    }
  }

  /** An operator asks to send messages again; see {@link Subscriber#rewind}. */
  record Rewinding(Feed feed, Rewind rewind) implements LoopEvent {
    @Override
    public void apply(int loop) {
      feed.forEach(loop, subscriber -> subscriber.rewind(rewind));
    }

    @Override
    public void failed(int loop, Throwable cause) {
      feed.forEach(loop, subscriber -> subscriber.failed(cause));
    }
  }
}
