// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.content;

import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.connector.fixture.PlayedRouter;
import io.pabal.connector.fixture.UnsendableMessages;
import io.pabal.schemas.Codecs;
import io.pabal.schemas.Message;
import io.pabal.schemas.MessageView;
import io.pabal.schemas.UserProperty;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class StoredMessageTest {

  static Stream<Arguments> unsendable() {
    return UnsendableMessages.to("t").entrySet().stream()
        .map(each -> Arguments.of(each.getKey(), each.getValue()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("unsendable")
  void shouldFindMessagesThatCannotBeSent(String fault, Message message) {
    assertThat(whyUnsendable(message)).startsWith(fault.substring(0, 3));
  }

  @Test
  void shouldAcceptValidMessages() {
    String longest = "글".repeat(21_845);
    Message message =
        PlayedRouter.message("t", "안녕")
            .setQos(0)
            .setUtf8Payload(true)
            .setContentType("")
            .setResponseTopic(longest)
            .setCorrelationData(ByteBuffer.allocate(65_535))
            .setUserProperties(List.of(new UserProperty("", longest), new UserProperty("a", "")))
            .build();

    assertThat(whyUnsendable(message)).isNull();
    assertThat(whyUnsendable(PlayedRouter.message("t", "plain").build())).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "#", "a/+", "a#b", "a\nb", "a\0b", "\uffff"})
  void shouldFindAddressesThatAreNoTopicNames(String address) {
    assertThat(StoredMessage.isTopicName(address)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "/", "방/하나", "$a", " "})
  void shouldAcceptTopicNames(String address) {
    assertThat(StoredMessage.isTopicName(address)).isTrue();
  }

  private static @Nullable String whyUnsendable(Message message) {
    return StoredMessage.whyUnsendable(
        MessageView.of(Codecs.MESSAGE, Codecs.MESSAGE.encode(message)));
  }
}
