// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.mqtt;

import io.netty.handler.codec.mqtt.MqttMessageIdAndPropertiesVariableHeader;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.codec.mqtt.MqttTopicSubscription;
import io.netty.handler.codec.mqtt.MqttUnsubscribeMessage;
import io.pabal.connector.content.MqttString;
import io.pabal.connector.session.Session;
import io.pabal.connector.session.SubscribeOutcome;
import io.pabal.connector.session.SubscribeRequest;
import io.pabal.connector.session.SubscriptionOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * SUBSCRIBE and UNSUBSCRIBE (MQTT 5 and 3.1.1, 3.8 to 3.11). SUBACK is sent when each subscription
 * of the packet is live or has failed. Called on the channel's event loop only.
 */
final class SubscribeHandler {

  private static final int SUBACK_FAILURE_V311 = 0x80;

  private SubscribeHandler() {}

  static void subscribe(MqttConnection connection, Session session, MqttSubscribeMessage packet) {
    MqttMessageIdAndPropertiesVariableHeader header = packet.idAndPropertiesVariableHeader();
    if (header.properties().getProperty(MqttProperties.SUBSCRIPTION_IDENTIFIER) != null) {
      throw new Refusal(
          ReasonCode.SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED,
          "SUBSCRIBE with a subscription identifier (not available)");
    }
    List<MqttTopicSubscription> filters = packet.payload().topicSubscriptions();
    if (filters.isEmpty()) {
      throw new Refusal(ReasonCode.PROTOCOL_ERROR, "SUBSCRIBE without a topic filter (3.8.3)");
    }
    int[] codes = new int[filters.size()];
    List<SubscribeRequest> requests = new ArrayList<>(filters.size());
    List<Integer> places = new ArrayList<>(filters.size());
    for (int i = 0; i < codes.length; i++) {
      MqttTopicSubscription filter = filters.get(i);
      String name = Objects.requireNonNullElse(filter.topicFilter(), "");
      ReasonCode refused =
          TopicNames.refusedFilter(name, connection.services().limits().addressBytesMax());
      if (refused != null) {
        codes[i] = connection.isMqtt5() ? refused.value() : SUBACK_FAILURE_V311;
        continue;
      }
      var options =
          new SubscriptionOptions(
              Math.min(1, filter.qualityOfService().value()), filter.option().isNoLocal());
      codes[i] = options.qos();
      requests.add(new SubscribeRequest(name, options));
      places.add(i);
    }
    connection.operationStarted();
    session.subscribe(
        requests,
        outcomes -> {
          for (int i = 0; i < places.size(); i++) {
            if (outcomes.get(i) != SubscribeOutcome.LIVE) {
              codes[places.get(i)] = code(connection, outcomes.get(i));
            }
          }
          connection.send(Replies.subAck(header.messageId(), codes));
          connection.operationEnded();
        });
  }

  static void unsubscribe(
      MqttConnection connection, Session session, MqttUnsubscribeMessage packet) {
    List<String> filters = packet.payload().topics();
    if (filters.isEmpty()) {
      throw new Refusal(ReasonCode.PROTOCOL_ERROR, "UNSUBSCRIBE without a topic filter (3.10.3)");
    }
    int packetId = packet.variableHeader().messageId();
    connection.operationStarted();
    session.unsubscribe(
        filters,
        existed -> {
          short[] codes = new short[existed.size()];
          for (int i = 0; i < codes.length; i++) {
            codes[i] = (short) unsubscribed(filters.get(i), existed.get(i)).value();
          }
          connection.send(Replies.unsubAck(packetId, codes));
          connection.operationEnded();
        });
  }

  /**
   * The reason code of one filter in UNSUBACK. A subscription that exists is ended also when its
   * filter is not valid, because an earlier release may have stored it.
   */
  private static ReasonCode unsubscribed(String filter, boolean existed) {
    if (existed) {
      return ReasonCode.SUCCESS;
    }
    return filter.isEmpty() || !MqttString.isValid(filter)
        ? ReasonCode.TOPIC_FILTER_INVALID
        : ReasonCode.NO_SUBSCRIPTION_EXISTED;
  }

  private static int code(MqttConnection connection, SubscribeOutcome outcome) {
    if (!connection.isMqtt5()) {
      return SUBACK_FAILURE_V311;
    }
    return switch (outcome) {
      case LIVE -> ReasonCode.SUCCESS.value();
      case TOO_MANY -> ReasonCode.QUOTA_EXCEEDED.value();
      case NOT_ACTIVATED -> ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR.value();
      case NOT_STORED, WITHDRAWN -> ReasonCode.UNSPECIFIED_ERROR.value();
    };
  }
}
