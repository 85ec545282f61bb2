// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Help.Ansi;

class TableTest {

  private final Table table = new Table("clientId", "inFlight", "since");

  @Test
  void shouldAlignTextLeftAndNumbersRight() {
    table.row("bob", 7, null);
    table.row("alice-in-wonderland", 1234, Instant.EPOCH);

    assertThat(print(Ansi.OFF))
        .isEqualTo(
            """
            CLIENT ID            IN FLIGHT  SINCE
            bob                          7  -
            alice-in-wonderland       1234  1970-01-01T00:00:00Z
            """);
  }

  @Test
  void shouldNotLetAValueWriteOnTheTerminal() {
    table.row("a\u001B]0;title\u0007\nb\u202Ec", 0, null);

    assertThat(print(Ansi.OFF)).contains("a\\u001B]0;title\\u0007\\u000Ab\\u202Ec  ");
  }

  @Test
  void shouldUseColourOnlyWhereAllowed() {
    table.row("bob", 7, null);

    assertThat(print(Ansi.ON)).contains("\u001B[1m");
    assertThat(print(Ansi.OFF)).doesNotContain("\u001B");
  }

  @Test
  void shouldKeepTypesInJson() {
    table.row("b\"ob", 7, null);

    assertThat(Json.document(table.toJson()))
        .isEqualToIgnoringWhitespace(
            "[ { \"clientId\" : \"b\\\"ob\", \"inFlight\" : 7, \"since\" : null } ]");
  }

  private String print(Ansi ansi) {
    StringWriter out = new StringWriter();
    table.printText(new PrintWriter(out, true), ansi);
    return out.toString();
  }
}
