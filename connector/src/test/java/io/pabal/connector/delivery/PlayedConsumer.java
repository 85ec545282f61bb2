// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.delivery;

import io.pabal.connector.fixture.PlayedRouter.Published;
import io.pabal.connector.loop.LoopContext;
import io.pabal.schemas.Codecs;
import io.pabal.schemas.DeliveryHeader.Rewind;
import io.pabal.schemas.MessageView;
import io.pabal.schemas.clock.BrokerTime;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecords;

/** Plays the delivery consumer for one feed on event loop 0: the test decides when. */
public final class PlayedConsumer {

  private PlayedConsumer() {}

  /** Hands records to a consumer that was not started, as its own thread does after a poll. */
  public static void dispatch(DeliveryConsumer consumer, ConsumerRecords<byte[], byte[]> records) {
    try {
      consumer.dispatch(records);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The router has answered. */
  public static void activate(Feed feed, long head) {
    feed.advance(head);
    feed.activate();
    new LoopEvent.Activation(feed, feed.seen()).apply(0);
  }

  /** An operator's rewind has arrived. */
  public static void rewind(Feed feed, Rewind rewind) {
    new LoopEvent.Rewinding(feed, rewind).apply(0);
  }

  /** The router has forwarded a message to the address that is the feed's prefix. */
  public static void push(Feed feed, long offset, byte[] value) {
    push(feed, feed.name(), offset, value);
  }

  /** The router has forwarded a message. */
  public static void push(Feed feed, String address, long offset, byte[] value) {
    if (take(feed, offset)) {
      new Delivery(
              feed,
              address,
              offset,
              MessageView.of(Codecs.MESSAGE, value),
              System.currentTimeMillis())
          .apply(0);
    }
  }

  /** The same as {@link #push}, as a poll's task on the event loop does it. */
  public static void push(Feed feed, long offset, byte[] value, LoopContext loop) {
    if (take(feed, offset)) {
      new Delivery(
              feed,
              feed.name(),
              offset,
              MessageView.of(Codecs.MESSAGE, value),
              System.currentTimeMillis())
          .apply(loop);
    }
  }

  /** The router has forwarded messages to the feed's prefix: one poll, applied by event loop 0. */
  public static void pushAll(
      DeliveryRings rings, Feed feed, List<Published> messages, LoopContext loop) {
    takeAll(rings, feed, messages).forEach(each -> each.apply(loop));
  }

  /** The first half of {@link #pushAll}: what the consumer's thread does. */
  public static List<Delivery> takeAll(DeliveryRings rings, Feed feed, List<Published> messages) {
    rings.beginPoll(System.nanoTime());
    List<Delivery> taken = new ArrayList<>(messages.size());
    for (Published each : messages) {
      Delivery delivery =
          new Delivery(
              feed,
              each.address(),
              each.offset(),
              MessageView.of(Codecs.MESSAGE, each.value()),
              BrokerTime.millis());
      if (each.offset() > feed.seen()) {
        rings.add(feed, delivery);
        feed.advance(each.offset());
        taken.add(delivery);
      }
    }
    return taken;
  }

  /** The first half of {@link #push}, on the consumer's thread: records the position. */
  public static boolean take(Feed feed, long offset) {
    return feed.advance(offset);
  }

  /** The second half of {@link #push}, on the event loop: delivers the message. */
  public static void apply(Feed feed, long offset, byte[] value) {
    new Delivery(
            feed,
            feed.name(),
            offset,
            MessageView.of(Codecs.MESSAGE, value),
            System.currentTimeMillis())
        .apply(0);
  }
}
