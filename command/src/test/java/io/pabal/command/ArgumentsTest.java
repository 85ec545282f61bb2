// SPDX-License-Identifier: Apache-2.0
package io.pabal.command;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

class ArgumentsTest {

  private static final String[] GIVEN = {"sessions", "show", "방/뷁", "", "é"};

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"US-ASCII", "ISO-8859-1", "EUC-KR"})
  void shouldDecodeTheBytesOfTheProcessWhenTheLocaleIsNotUtf8(String charset) {
    byte[] commandLine =
        ("java\0-cp\0a.jar\0Main\0" + String.join("\0", GIVEN) + "\0").getBytes(UTF_8);
    Charset ofLocale = Charset.forName(charset);
    String[] ofJvm =
        Stream.of(GIVEN)
            .map(argument -> new String(argument.getBytes(UTF_8), ofLocale))
            .toArray(String[]::new);

    assertThat(Arguments.decoded(ofJvm, commandLine, ofLocale)).containsExactly(GIVEN);
  }

  @Test
  void shouldKeepTheArgumentsWhenTheBytesAreNotTheirs() {
    String[] ofJvm = {"sessions", "show"};

    assertThat(Arguments.decoded(ofJvm, "java\0other\0show\0".getBytes(UTF_8), US_ASCII))
        .isSameAs(ofJvm);
    assertThat(Arguments.decoded(ofJvm, "show\0".getBytes(UTF_8), ISO_8859_1)).isSameAs(ofJvm);
  }

  @Test
  void shouldTakeWhatBeginsWithAtAsItIsInEveryCommand() throws IOException {
    Path file = Files.writeString(directory.resolve("arguments"), "one two");
    int tried = 0;
    for (CommandLine command : commands(Pabal.commandLine()).toList()) {
      for (ArgSpec argument : command.getCommandSpec().args()) {
        if (argument.type() != String.class) {
          continue;
        }
        for (String text : List.of("@" + file, "@@x", "@")) {
          assertThat(parsed(command, argument, text))
              .as("%s %s", command.getCommandSpec().qualifiedName(), argument.paramLabel())
              .isEqualTo(text);
          tried++;
        }
      }
    }
    assertThat(tried).isGreaterThan(60);
  }

  private static Stream<CommandLine> commands(CommandLine root) {
    return Stream.concat(
        Stream.of(root), root.getSubcommands().values().stream().flatMap(ArgumentsTest::commands));
  }

  /** What {@code argument} has after {@code text} was given for it, and nothing else. */
  private static Object parsed(CommandLine command, ArgSpec argument, String text) {
    List<String> words = new ArrayList<>();
    CommandLine root = command;
    for (; root.getParent() != null; root = root.getParent()) {
      words.addFirst(root.getCommandName());
    }
    words.add(argument instanceof OptionSpec option ? option.longestName() : "--");
    words.add(text);
    commands(root).forEach(each -> each.getCommandSpec().parser().collectErrors(true));
    root.parseArgs(words.toArray(String[]::new));
    return argument.getValue();
  }
}
