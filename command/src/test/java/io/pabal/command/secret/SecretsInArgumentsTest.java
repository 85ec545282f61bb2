// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.secret;

import static io.pabal.command.secret.MarkedTexts.MARKER;
import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.command.ExitCode;
import io.pabal.command.Pabal;
import io.pabal.command.operations.RunningPabal;
import io.pabal.command.operations.RunningPabal.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** A password in the place of any argument is not shown by what the command line is refused with. */
class SecretsInArgumentsTest {

  /** Refuses the command line, so that no command runs. */
  private static final String UNKNOWN_FLAG = "--no-such-flag";

  @Test
  void shouldNotShowThePasswordInAnyArgumentOfAnyCommand() {
    List<String> texts = MarkedTexts.of("redis").toList();
    for (CommandLine command : commands(Pabal.commandLine()).toList()) {
      List<String> path = path(command);
      for (OptionSpec option : command.getCommandSpec().options()) {
        if (option.usageHelp() || option.versionHelp()) {
          continue;
        }
        for (String text : texts) {
          assertRefused(path, option.longestName(), text, UNKNOWN_FLAG);
          assertRefused(path, option.longestName() + "=" + text, UNKNOWN_FLAG);
          assertRefused(path, option.longestName() + text);
        }
      }
      for (String text : texts) {
        assertRefused(path, text, text, text, UNKNOWN_FLAG);
        assertRefused(path, UNKNOWN_FLAG, text);
        assertRefused(path, UNKNOWN_FLAG + "=" + text);
        assertRefused(path, "-" + text);
      }
    }
  }

  @Test
  void shouldNotShowWordsOfAPasswordThatTheShellTookApart() {
    assertThat(run("sessions", "list", "--redis-uri", "redis://:one", MARKER, "b@host").err())
        .doesNotContain(MARKER)
        .contains("argument 5 is not expected");
    assertThat(run("check", "--config", "--redis-uri=redis://:" + MARKER + "@host").err())
        .doesNotContain(MARKER);
  }

  @Test
  void shouldStillSayWhatIsUnknown() {
    assertThat(run("sessions", "list", "--redis-ur", "x").err())
        .contains("unknown option: --redis-ur")
        .contains("did you mean")
        .contains("--redis-uri");
    assertThat(run("sesions").err()).contains("argument 1 is not expected").contains("sessions");
    assertThat(run("up", "--connectors", "many").err()).contains("many");
    assertThat(run("tail", "messages", "--from", "@noon").err()).contains("@noon");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "up --redis-uri",
        "up --bootstrap-servers",
        "up --tracing-endpoint",
        "tail messages --bootstrap-servers",
        "sessions list --redis-uri",
        "topics list --bootstrap-servers"
      })
  void shouldNotShowThePasswordWhenAFlagIsRefused(String command) {
    List<String> path = List.of(command.split(" ", -1));
    for (String text : MarkedTexts.of("mqtt").toList()) {
      assertRefused(path, text);
    }
  }

  private static void assertRefused(List<String> path, String... more) {
    List<String> words = new ArrayList<>(path);
    words.addAll(List.of(more));
    Result result = run(words.toArray(String[]::new));
    assertThat(result.exitCode()).as(words.toString()).isEqualTo(ExitCode.USAGE);
    assertThat(result.out() + result.err()).as(words.toString()).doesNotContain(MARKER);
  }

  private static Result run(String... words) {
    return RunningPabal.runAsIs(words);
  }

  private static Stream<CommandLine> commands(CommandLine root) {
    return Stream.concat(
        Stream.of(root),
        root.getSubcommands().values().stream().flatMap(SecretsInArgumentsTest::commands));
  }

  private static List<String> path(CommandLine command) {
    List<String> path = new ArrayList<>();
    for (CommandLine each = command; each.getParent() != null; each = each.getParent()) {
      path.addFirst(each.getCommandName());
    }
    return path;
  }
}
