// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.config.setting;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SuggestionTest {

  private static final List<String> KNOWN = List.of("listener.port", "listener.host", "redis.uri");

  @Test
  void shouldFindSlip() {
    assertThat(Suggestion.of("listner.prot", KNOWN)).contains("listener.port");
    assertThat(Suggestion.of("Redis.URI", KNOWN)).contains("redis.uri");
  }

  @Test
  void shouldNotGuessWildly() {
    assertThat(Suggestion.of("database.name", KNOWN)).isEmpty();
    assertThat(Suggestion.of("x", List.of())).isEmpty();
  }
}
