// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.connector.fixture.PlayedRouter;
import io.pabal.connector.fixture.TestLoop;
import io.pabal.connector.loop.LoopContext;
import io.pabal.schemas.Codecs;
import io.pabal.schemas.MessageView;
import io.pabal.schemas.topic.Feeds;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One delivery for many subscribers of one event loop. */
class FanOutFailureTest {

  private static final int MEGABYTE = 1 << 20;

  private final TestLoop loop = new TestLoop();
  private final LoopContext context = new LoopContext(0, loop);
  private final FeedTable addresses =
      new FeedTable(new DeliveryTest.NoAnnouncer(), new Feeds(1, 2), 1);
  private final Feed address = addresses.acquire("rooms/1");

  @Test
  void shouldFlushWithinALargeFanOut() {
    List<Integer> flushedAfter = new ArrayList<>();
    List<TestSubscriber> delivered = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      TestSubscriber subscriber = new TestSubscriber();
      subscriber.onDelivery =
          delivery -> {
            delivered.add(subscriber);
            context.gathered(MEGABYTE);
            context.touch(
                new LoopContext.Flushable() {
                  @Override
                  public void flushBatch() {
                    flushedAfter.add(delivered.size());
                  }

                  @Override
                  public void failed(Throwable cause) {
                    throw new AssertionError(cause);
                  }
                });
          };
      address.add(0, subscriber);
    }

    delivery().apply(context);

    assertThat(flushedAfter).containsExactly(4, 4, 4, 4, 8, 8, 8, 8);
    loop.run();
    assertThat(flushedAfter).hasSize(10);
  }

  @Test
  void shouldFailAllSubscribersWhenADeliveryFails() {
    TestSubscriber subscriber = new TestSubscriber();
    address.add(0, subscriber);
    Error failure = new AssertionError("intended by the test");

    delivery().failed(0, failure);
    new LoopEvent.Activation(address, 1).failed(0, failure);

    assertThat(subscriber.failures).containsExactly(failure, failure);
  }

  private Delivery delivery() {
    var message = PlayedRouter.message("rooms/1", "x").build();
    return new Delivery(
        address,
        address.name(),
        1,
        MessageView.of(Codecs.MESSAGE, Codecs.MESSAGE.encode(message)),
        0);
  }
}
