// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas.address;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostAndPortTest {

  @ParameterizedTest
  @CsvSource({
    "kafka:9092, kafka, 9092",
    "my_kafka_1:1, my_kafka_1, 1",
    "a-b.example.com.:65535, a-b.example.com., 65535",
    "127.0.0.1:1883, 127.0.0.1, 1883",
    "[::1]:6379, ::1, 6379",
    "[2001:db8::7]:6379, 2001:db8::7, 6379",
    "[fe80::1%eth0]:6379, fe80::1%eth0, 6379",
    "[::ffff:10.0.0.1]:1, ::ffff:10.0.0.1, 1"
  })
  void shouldReadAndPrint(String text, String host, int port) {
    HostAndPort read = HostAndPort.parse(text);

    assertThat(read).isEqualTo(new HostAndPort(host, port)).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "kafka",
        ":9092",
        "kafka:",
        "kafka:0",
        "kafka:65536",
        "kafka:99999999999",
        "kafka:-1",
        "kafka:x",
        "::1:9092",
        "[::1]",
        "[::1",
        "[kafka]:1",
        "[1:2]:3",
        "me:pw@kafka:9092",
        "ka fka:9092",
        "kafka: 9092",
        "http://kafka:9092",
        "a:1,b:2",
        "-a:1",
        "kafka/:1"
      })
  void shouldRefuseWithoutTheText(String text) {
    assertThatThrownBy(() -> HostAndPort.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("kafka").doesNotContain("pw"));
  }

  @ParameterizedTest
  @CsvSource({"::1, [::1]:5", "[::1], [::1]:5", "kafka, kafka:5"})
  void shouldPutIpv6InBrackets(String host, String text) {
    assertThat(HostAndPort.text(host, 5)).isEqualTo(text);
    assertThat(HostAndPort.text(HostAndPort.parseHost(host), 5)).isEqualTo(text);
  }
}
