// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopicNamesTest {

  private static final int BYTES_MAX = 20;

  @ParameterizedTest
  @ValueSource(strings = {"a", "/", "rooms/42", "a//b", " ", "a$b", "방/하나", "12345678901234567890"})
  void shouldAcceptNamesAndFilters(String topic) {
    assertThat(TopicNames.whyInvalidName(topic, BYTES_MAX)).isNull();
    assertThat(TopicNames.refusedFilter(topic, BYTES_MAX)).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "'', empty",
    "a/+, wildcard",
    "#, wildcard",
    "$SYS/uptime, belong to the server",
    "123456789012345678901, longer than 20 bytes",
    "가나다라마바사, longer than 20 bytes",
  })
  void shouldRefuseNames(String topic, String why) {
    assertThat(TopicNames.whyInvalidName(topic, BYTES_MAX)).contains(why);
  }

  @ParameterizedTest
  @CsvSource({
    "'', TOPIC_FILTER_INVALID",
    "a/+, WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED",
    "#, WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED",
    "$share/group/a, SHARED_SUBSCRIPTIONS_NOT_SUPPORTED",
    "$share/group/#, SHARED_SUBSCRIPTIONS_NOT_SUPPORTED",
    "$SYS/uptime, NOT_AUTHORIZED",
    "123456789012345678901, TOPIC_FILTER_INVALID",
  })
  void shouldRefuseFilters(String filter, ReasonCode code) {
    assertThat(TopicNames.refusedFilter(filter, BYTES_MAX)).isEqualTo(code);
  }

  @Test
  void shouldRefuseTheNullCharacter() {
    assertThat(TopicNames.whyInvalidName("a\0b", BYTES_MAX)).contains("U+0000");
    assertThat(TopicNames.refusedFilter("a\0b", BYTES_MAX))
        .isEqualTo(ReasonCode.TOPIC_FILTER_INVALID);
  }
}
