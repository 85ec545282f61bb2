// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.delivery;

import io.pabal.connector.loop.LoopContext;
import io.pabal.connector.tracing.DeliverySpan;
import io.pabal.telemetry.DelayHistogram;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A delivery whose span ends when the last event loop has flushed its sockets. The span is kept
 * apart from {@link Delivery}: nothing else in a delivery depends on that moment, and a session
 * keeps the plain delivery, without the span, until its client acknowledges.
 */
final class TracedDelivery implements LoopEvent {

  private final Delivery delivery;
  private final DeliverySpan span;
  private final AtomicInteger loopsLeft;
  private final AtomicInteger sessions = new AtomicInteger();

  TracedDelivery(Delivery delivery, DeliverySpan span, int loops) {
    this.delivery = delivery;
    this.span = span;
    this.loopsLeft = new AtomicInteger(loops);
  }

  @Override
  public void apply(int loop) {
    sessions.addAndGet(delivery.subscribers(loop));
    delivery.apply(loop);
  }

  @Override
  public void apply(LoopContext loop) {
    sessions.addAndGet(delivery.subscribers(loop.index()));
    delivery.apply(loop);
  }

  @Override
  public void failed(int loop, Throwable cause) {
    delivery.failed(loop, cause);
  }

  @Override
  public void written(int loop, long nowMillis, DelayHistogram delays) {
    delivery.written(loop, nowMillis, delays);
    if (loopsLeft.decrementAndGet() == 0) {
      span.end(sessions.get());
    }
  }
}
