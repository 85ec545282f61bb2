// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import io.pabal.connector.ConnectorMetrics;
import io.pabal.connector.delivery.Delivery;
import io.pabal.schemas.AvroCodec;
import io.pabal.schemas.MalformedRecordException;
import io.pabal.schemas.Message;
import io.pabal.schemas.MessageView;
import io.pabal.schemas.SchemaPendingException;
import io.pabal.schemas.clock.BrokerTime;
import io.pabal.schemas.topic.TopicCatalogue;
import java.util.function.Supplier;

/**
 * Sends messages that were read from a timeline or from Kafka to a feed that is behind. Used on the
 * session's event loop only.
 */
record PastMessages(AvroCodec<Message> codec, ConnectorMetrics metrics) {

  /**
   * Sends the message at {@code offset}. A malformed message is counted and skipped. A message at
   * or below the feed's read position is ignored.
   *
   * @return false, without effect, when the session has no room for the message
   * @throws SchemaPendingException without effect, when the schema of the message is not known yet
   */
  boolean send(SessionFeed feed, String address, long offset, byte[] value) {
    return send(
        feed,
        offset,
        () ->
            new Delivery(
                feed.feed(), address, offset, MessageView.of(codec, value), BrokerTime.millis()));
  }

  /** As {@link #send(SessionFeed, String, long, byte[])}, with entry {@code index} of a page. */
  boolean send(SessionFeed feed, SharedPage page, int index) {
    return send(
        feed, page.entries().get(index).offset(), () -> page.delivery(index, feed.feed(), codec));
  }

  private boolean send(SessionFeed feed, long offset, Supplier<Delivery> message) {
    if (offset <= feed.at()) {
      return true;
    }
    try {
      return feed.trySend(message.get());
    } catch (MalformedRecordException e) {
      metrics.skipped.add(TopicCatalogue.MESSAGES, feed.feed().partition(), offset, e.getMessage());
      feed.passed(offset);
      return true;
    }
  }
}
