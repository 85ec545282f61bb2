// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import io.pabal.connector.delivery.Delivery;
import io.pabal.connector.delivery.Feed;
import io.pabal.schemas.AvroCodec;
import io.pabal.schemas.Message;
import io.pabal.schemas.MessageView;
import io.pabal.schemas.clock.BrokerTime;
import io.pabal.sessioncache.timeline.TimelineEntry;
import io.pabal.sessioncache.timeline.TimelinePage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A timeline page for all sessions that share its read. The first session that needs a message
 * decodes it, and the others share the delivery with its packets. Deliveries are immutable, so a
 * race between two event loops costs one more decoding and nothing else. Any thread.
 */
final class SharedPage {

  private final TimelinePage page;
  private final @Nullable Delivery[] decoded;

  SharedPage(TimelinePage page) {
    this.page = page;
    this.decoded = new @Nullable Delivery[page.entries().size()];
  }

  List<TimelineEntry> entries() {
    return page.entries();
  }

  /** As {@link TimelinePage#complete}. */
  boolean complete() {
    return page.complete();
  }

  /** As {@link TimelinePage#gapThrough}. */
  long gapThrough() {
    return page.gapThrough();
  }

  /**
   * The message of entry number {@code index}.
   *
   * @throws io.pabal.schemas.MalformedRecordException as {@link MessageView#of}
   * @throws io.pabal.schemas.SchemaPendingException as {@link MessageView#of}
   */
  Delivery delivery(int index, Feed feed, AvroCodec<Message> codec) {
    Delivery present = decoded[index];
    long nowMillis = BrokerTime.millis();
    if (present != null) {
      return present.at(nowMillis);
    }
    TimelineEntry entry = entries().get(index);
    MessageView message = MessageView.of(codec, entry.value());
    Delivery delivery = new Delivery(feed, entry.address(), entry.offset(), message, nowMillis);
    decoded[index] = delivery;
    return delivery;
  }
}
