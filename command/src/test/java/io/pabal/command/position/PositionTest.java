// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.position;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pabal.command.position.Position.Ago;
import io.pabal.command.position.Position.At;
import io.pabal.command.position.Position.End;
import io.pabal.command.position.Position.Start;
import io.pabal.command.position.Position.Time;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PositionTest {

  @Test
  void shouldReadEveryForm() {
    assertThat(Position.parse("start")).isEqualTo(new Start());
    assertThat(Position.parse("end")).isEqualTo(new End());
    assertThat(Position.parse("3:1042")).isEqualTo(new At(3, 1042));
    assertThat(Position.parse("@2026-11-22T09:00Z"))
        .isEqualTo(new Time(Instant.parse("2026-11-22T09:00:00Z")));
    assertThat(Position.parse("@2026-11-22T18:00:01.5+09:00"))
        .isEqualTo(new Time(Instant.parse("2026-11-22T09:00:01.500Z")));
    assertThat(Position.parse("-15m")).isEqualTo(new Ago(Duration.ofMinutes(15)));
    assertThat(Position.parse("-1d2h3m4s"))
        .isEqualTo(new Ago(Duration.ofDays(1).plusHours(2).plusMinutes(3).plusSeconds(4)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"start", "end", "3:1042", "@2026-11-22T09:00:00Z", "-15m", "-26h3m4s"})
  void shouldBeWrittenAsItIsRead(String text) {
    assertThat(Position.parse(text)).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "START",
        "3",
        "3:",
        ":5",
        "3:-1",
        "-",
        "15m",
        "-15",
        "-15x",
        "-m",
        "@",
        "@2026-11-22",
        "@2026-11-22T09:00",
        "@09:00Z",
        "3:9999999999999999999",
        "9999999999:1",
        " start"
      })
  void shouldNameWhatIsAllowed(String text) {
    assertThatThrownBy(() -> Position.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(text + " (expected: ");
  }
}
