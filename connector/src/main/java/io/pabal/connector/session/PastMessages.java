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

/** Sends what was read back, from wherever, to a subscription that is behind. */
record PastMessages(AvroCodec<Message> codec, ConnectorMetrics metrics) {

  /**
   * Sends the message at {@code offset}; one that cannot be decoded is passed over.
   *
   * @return false, and nothing happened, when the session can take no more
   * @throws SchemaPendingException when it cannot be decoded yet; nothing happened
   */
  boolean send(Subscription subscription, long offset, byte[] value) {
    if (offset <= subscription.at()) {
      return true;
    }
    try {
      var message = MessageView.of(codec, value);
      return subscription.trySend(
          new Delivery(subscription.address(), offset, message, BrokerTime.millis()));
    } catch (MalformedRecordException e) {
      metrics.skipped.add(
          TopicCatalogue.MESSAGES, subscription.address().partition(), offset, e.getMessage());
      subscription.passed(offset);
      return true;
    }
  }
}
