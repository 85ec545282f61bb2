// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.delivery;

/**
 * One thing of a poll's batch that every event loop applies to its own subscribers, in the order of
 * the batch.
 */
interface LoopEvent {

  /** Applies it; on event loop number {@code loop}. */
  void apply(int loop);

  /** The router answered an activation; see {@link Subscriber#activated}. */
  record Activation(Address address, long head) implements LoopEvent {
    @Override
    public void apply(int loop) {
      address.forEach(loop, subscriber -> subscriber.activated(head));
    }
  }
}
