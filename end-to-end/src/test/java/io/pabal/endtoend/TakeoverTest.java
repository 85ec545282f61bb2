// SPDX-License-Identifier: Apache-2.0
package io.pabal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5DisconnectException;
import com.hivemq.client.mqtt.mqtt5.message.disconnect.Mqtt5DisconnectReasonCode;
import io.pabal.endtoend.Clients.Subscriber;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The same client identifier on two connectors, one after the other, without a DISCONNECT in
 * between.
 */
@ExtendWith(Backbone.Extension.class)
class TakeoverTest {

  private static final int MESSAGES = 50;

  @Test
  void shouldMoveASessionThatIsStillLiveOnAnotherConnector(Backbone backbone) throws Exception {
    try (Pipeline pipeline = Pipeline.on(backbone, 2)) {
      Subscriber first = Clients.persistent(pipeline.port(1), "takeover-bob", true);
      first.subscribe("takeover/bob");
      Mqtt5AsyncClient publisher = Clients.connect(pipeline.port(1), "publisher");
      for (int i = 0; i < MESSAGES; i++) {
        Clients.await(Clients.publish(publisher, "takeover/bob", "m" + i));
      }
      await().until(() -> first.received.size() == MESSAGES);

      Subscriber second = Clients.persistent(pipeline.port(2), "takeover-bob", false);

      assertThat(second.sessionPresent).isTrue();
      await().until(() -> first.disconnectedBy.get() != null);
      assertThat(first.disconnectedBy.get())
          .isInstanceOfSatisfying(
              Mqtt5DisconnectException.class,
              e ->
                  assertThat(e.getMqttMessage().getReasonCode())
                      .isEqualTo(Mqtt5DisconnectReasonCode.SESSION_TAKEN_OVER));
      for (int i = MESSAGES; i < 2 * MESSAGES; i++) {
        Clients.await(Clients.publish(publisher, "takeover/bob", "m" + i));
      }
      // What the first acknowledged since its last checkpoint may come once more, and only before
      // the rest.
      await().until(() -> second.received.contains("m" + (2 * MESSAGES - 1)));
      int repeated = second.received.size() - MESSAGES;
      assertThat(repeated).isBetween(0, MESSAGES);
      assertThat(second.received)
          .isEqualTo(
              IntStream.range(MESSAGES - repeated, 2 * MESSAGES).mapToObj(i -> "m" + i).toList());
      assertThat(first.received).hasSize(MESSAGES);
      await().until(() -> pipeline.connector(1).sessionCount() == 1);
      second.disconnect();
    }
  }
}
