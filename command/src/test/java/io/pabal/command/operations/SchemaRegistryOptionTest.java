// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.operations;

import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.command.ExitCode;
import io.pabal.command.operations.RunningPabal.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where operators' commands take the schema registry from, and what they say when it is away. */
@ExtendWith(RunningPabal.Extension.class)
class SchemaRegistryOptionTest {

  private static final String NOBODY = "http://127.0.0.1:1";

  private static RunningPabal pabal;

  @BeforeAll
  static void start(RunningPabal running) {
    pabal = running;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tail messages",
        "topics check",
        "connectors list",
        "connectors drain c1",
        "connectors remove c1 --force",
        "replay --from -1h",
        "rebuild"
      })
  void shouldSayInOneLineThatTheRegistryDoesNotAnswer(String command) {
    assertUnreachable(run(command, "--schema-registry-url", NOBODY), NOBODY);
  }

  @Test
  void shouldDeleteNothingWhenItsEndCannotBeWritten() {
    pabal.subscriber("registry-away", "registry/away", context -> {}).disconnect();

    assertUnreachable(
        run("sessions kick registry-away --delete --force", "--schema-registry-url", NOBODY),
        NOBODY);

    assertThat(pabal.run("sessions", "show", "registry-away").exitCode()).isEqualTo(ExitCode.OK);
  }

  @Test
  void shouldPreferFlagToFile(@TempDir Path directory) throws Exception {
    Path file = directory.resolve("router.yaml");
    Files.writeString(file, "schema:\n  registry:\n    url: http://127.0.0.1:2/api\n");

    assertUnreachable(run("tail messages", "--config", file.toString()), "http://127.0.0.1:2/api");
    assertUnreachable(
        run("tail messages", "--config", file.toString(), "--schema-registry-url", NOBODY), NOBODY);
  }

  @Test
  void shouldRefuseWhatIsNoUrl() {
    Result result = run("tail messages", "--schema-registry-url", "127.0.0.1:8081");

    assertThat(result.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err())
        .isEqualTo(
            "--schema-registry-url: ***, no host (expected: http://HOST:PORT/PATH or https://HOST:PORT/PATH).\n");
  }

  private static void assertUnreachable(Result result, String url) {
    assertThat(result.exitCode()).as(result.toString()).isEqualTo(ExitCode.UNREACHABLE);
    assertThat(result.out()).isEmpty();
    assertThat(result.err().lines())
        .singleElement()
        .asString()
        .startsWith("pabal: schema.registry.url: " + url + " does not answer");
  }

  private static Result run(String command, String... flags) {
    List<String> arguments = new ArrayList<>(List.of(command.split(" ", -1)));
    arguments.addAll(List.of(flags));
    return pabal.run(arguments.toArray(String[]::new));
  }
}
