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

/**
 * Sends messages that were read from a timeline or from Kafka to a feed that is behind.
 * Used on the session's event loop only.
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
    if (offset <= feed.at()) {
      return true;
    }
    try {
      var message = MessageView.of(codec, value);
      return feed.trySend(
          new Delivery(feed.feed(), address, offset, message, BrokerTime.millis()));
    } catch (MalformedRecordException e) {
      metrics.skipped.add(
          TopicCatalogue.MESSAGES, feed.feed().partition(), offset, e.getMessage());
      feed.passed(offset);
      return true;
    }
  }
}
