// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.output;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrintableTest {

  @ParameterizedTest
  @ValueSource(
      ints = {
        0x00, 0x07, 0x08, 0x09, 0x0A, 0x0D, 0x1B, 0x7F, 0x80, 0x85, 0x9B, 0x9D, 0x200B, 0x200E,
        0x2028, 0x2029, 0x202E, 0x2066, 0xD800, 0xDFFF, 0xFEFF, 0xE0001
      })
  void shouldEscapeWhatCouldWriteOnATerminal(int point) throws Exception {
    String text = "a" + new StringBuilder().appendCodePoint(point) + "b";
    String json = Json.line(Map.of("name", text));

    assertThat(Printable.of(text)).isEqualTo("a\\u%04Xb".formatted(point));
    assertThat(json.chars()).allMatch(unit -> unit >= ' ' && unit <= '~');
    assertThat(new ObjectMapper().readTree(json).get("name").asText()).isEqualTo(text);
  }

  @Test
  void shouldKeepOtherTextAsItIs() throws Exception {
    String text = "users/bob «파발» 😀 \\ \" é";
    String json = Json.document(Map.of("name", text));

    assertThat(Printable.of(text)).isSameAs(text);
    assertThat(json).contains("파발", "😀").contains("\n");
    assertThat(new ObjectMapper().readTree(json).get("name").asText()).isEqualTo(text);
  }

  @Test
  void shouldCutWhatIsTooLong() {
    assertThat(Printable.of("a".repeat(10), 10)).isEqualTo("a".repeat(10));
    assertThat(Printable.of("a".repeat(11), 10)).isEqualTo("a".repeat(10) + "…(+1 characters)");
    assertThat(Printable.of("i".repeat(65_000)))
        .hasSizeLessThan(Printable.CHARS_MAX + 30)
        .endsWith("…(+%d characters)".formatted(65_000 - Printable.CHARS_MAX));
    assertThat(Printable.of("\u001B".repeat(65_000))).hasSizeLessThan(Printable.CHARS_MAX + 30);
  }

  @Test
  void shouldNotCutACharacterInTwo() {
    assertThat(Printable.of("a😀b", 2)).isEqualTo("a…(+3 characters)");
    assertThat(Printable.of("a\nb", 3)).isEqualTo("a…(+2 characters)");
  }

  @Test
  void shouldKeepOnlyLineFeedsOfSeveralLines() {
    assertThat(Printable.lines("a\nb\r\u001B", 100)).isEqualTo("a\nb\\u000D\\u001B");
  }
}
