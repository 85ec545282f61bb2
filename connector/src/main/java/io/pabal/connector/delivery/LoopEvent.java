// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.delivery;

import io.pabal.connector.loop.LoopContext;
import io.pabal.schemas.DeliveryHeader.Rewind;
import io.pabal.telemetry.DelayHistogram;

/**
 * One thing of a poll's batch that every event loop applies to its own subscribers, in the order of
 * the batch.
 */
interface LoopEvent {

  /** Applies it; on event loop number {@code loop}. */
  void apply(int loop);

  /** The same, and flushes in between what is much; on that loop. */
  default void apply(LoopContext loop) {
    apply(loop.index());
  }

  /** Applying it failed: all its subscribers on event loop number {@code loop} are in doubt. */
  void failed(int loop, Throwable cause);

  /**
   * The sockets of event loop number {@code loop} were flushed, at {@code nowMillis} since 1970; on
   * that loop.
   */
  default void written(int loop, long nowMillis, DelayHistogram delays) {}

  /** The router answered an activation; see {@link Subscriber#activated}. */
  record Activation(Address address, long head) implements LoopEvent {
    @Override
    public void apply(int loop) {
      address.forEach(loop, subscriber -> subscriber.activated(head));
    }

    @Override
    public void failed(int loop, Throwable cause) {
      address.forEach(loop, subscriber -> subscriber.failed(cause));
    }
  }

  /** An operator has messages sent again; see {@link Subscriber#rewind}. */
  record Rewinding(Address address, Rewind rewind) implements LoopEvent {
    @Override
    public void apply(int loop) {
      address.forEach(loop, subscriber -> subscriber.rewind(rewind));
    }

    @Override
    public void failed(int loop, Throwable cause) {
      address.forEach(loop, subscriber -> subscriber.failed(cause));
    }
  }
}
