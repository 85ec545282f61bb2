// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas.address;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServerUriTest {

  @ParameterizedTest
  @CsvSource({
    "redis://r, redis://r, r:6379",
    "redis://my_redis, redis://my_redis, my_redis:6379",
    "redis://my_redis:7/2, redis://my_redis:7/2, my_redis:7",
    "REDIS://me:MARKER@my_redis:7, redis://***@my_redis:7, my_redis:7",
    "redis://:MARKER@[::1]:7, redis://***@[::1]:7, [::1]:7",
    "redis://:MARKER@[::1], redis://***@[::1], [::1]:6379",
    "redis://me:MARKER@MARKER@r:7, redis://***@r:7, r:7",
    "http://r:7/a/b?token=MARKER, http://r:7/a/b?***, r:7"
  })
  void shouldReadAndMask(String text, String masked, String server) {
    ServerUri uri = ServerUri.parse(text);

    assertThat(uri).hasToString(masked);
    assertThat(uri.server(6_379)).hasToString(server);
    assertThat(ServerUri.of(URI.create(text))).isEqualTo(uri);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "MARKER",
        "redis:",
        "redis://",
        "redis:MARKER",
        "redis://:MARKER",
        "redis://:MARKER@",
        "redis://me:MARKER@:7",
        "redis://me:%MARKER@r",
        "redis://me:MARKER%@r",
        "redis://me:MARKER @r",
        "redis://me:MAR\nKER@r",
        "redis://me:MARKER/x@r:7",
        "redis://me:1/MARKER@r:7",
        "redis://me:1?MARKER@r:7",
        "redis://me:1#MARKER@r:7",
        "redis://r:7#MARKER",
        "redis://me:MARKER@r:65536",
        "redis://me:MARKER@r:0",
        "redis://me:MARKER@[::1",
        "redis://me:MARKER@r,s",
        "redis//me:MARKER@r",
        "me:MARKER@r:7",
        " redis://me:MARKER@r",
        "<redis://me:MARKER@r>"
      })
  void shouldRefuseWithoutTheText(String text) {
    assertThatThrownBy(() -> ServerUri.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasNoCause()
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("MARKER"));
  }

  @Test
  void shouldDecodeUserInformation() {
    assertThat(ServerUri.decoded("a%40b%2Fc+d%25")).isEqualTo("a@b/c+d%");
  }
}
