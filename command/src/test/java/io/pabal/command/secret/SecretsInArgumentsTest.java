// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.secret;

import static io.pabal.command.secret.MarkedTexts.MARKER;
import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.command.ExitCode;
import io.pabal.command.Pabal;
import io.pabal.command.operations.RunningPabal.Result;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/**
 * A password in the place of any argument is not shown by what the command line is refused with.
 */
class SecretsInArgumentsTest {

  /** Refuses the command line, so that no command runs. */
  private static final String UNKNOWN_FLAG = "--no-such-flag";

  private static final int FORMS_AN_ARGUMENT = 3;

  /** One for all, since it takes longer to make than to parse with. */
  private static final CommandLine PABAL = Pabal.commandLine();

  @Test
  void shouldNotShowThePasswordInAnyArgumentOfAnyCommand() {
    // Every argument is tried with some of the forms, every form with some of the arguments.
    Iterator<String> texts =
        Stream.generate(() -> MarkedTexts.of("redis")).flatMap(forms -> forms).iterator();
    for (CommandLine command : commands(PABAL).toList()) {
      List<String> path = path(command);
      for (OptionSpec option : command.getCommandSpec().options()) {
        if (option.usageHelp() || option.versionHelp()) {
          continue;
        }
        for (int i = 0; i < FORMS_AN_ARGUMENT; i++) {
          assertRefused(path, option.longestName(), texts.next(), UNKNOWN_FLAG);
          assertRefused(path, option.longestName() + "=" + texts.next(), UNKNOWN_FLAG);
        }
        assertRefused(path, option.longestName() + texts.next());
      }
      for (int i = 0; i < FORMS_AN_ARGUMENT; i++) {
        assertRefused(path, texts.next(), texts.next(), texts.next(), UNKNOWN_FLAG);
        assertRefused(path, UNKNOWN_FLAG, texts.next());
        assertRefused(path, UNKNOWN_FLAG + "=" + texts.next());
        assertRefused(path, "-Z" + texts.next());
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
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode =
        PABAL.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true)).execute(words);
    return new Result(exitCode, out.toString(), err.toString());
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
