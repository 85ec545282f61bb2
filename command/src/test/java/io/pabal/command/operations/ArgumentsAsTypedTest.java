// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.operations;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.command.ExitCode;
import io.pabal.command.Pabal;
import io.pabal.command.operations.RunningPabal.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Client identifiers and addresses reach the commands as they were typed. */
@ExtendWith(RunningPabal.Extension.class)
class ArgumentsAsTypedTest {

  private static RunningPabal pabal;

  @TempDir Path directory;

  @BeforeAll
  static void take(RunningPabal running) {
    pabal = running;
  }

  @Test
  void shouldFindSessionsAndRecordsWhoseNamesBeginWithAt() throws Exception {
    String ofFile = "@" + Files.writeString(directory.resolve("f"), "one-word");
    for (String id : List.of(ofFile, "@x44", "@@x44")) {
      pabal.subscriber(id, "@at/" + id.length(), context -> {}).disconnect();

      assertThat(pabal.run("sessions", "show", id).out()).contains("clientId        " + id + "\n");
      assertThat(pabal.run("sessions", "list", "--prefix", id).out()).contains(id);
      assertThat(pabal.run("sessions", "kick", id, "--delete", "--dry-run").exitCode())
          .isEqualTo(ExitCode.OK);
    }
    pabal.publish("@@at/1", "hello");

    Result tail = pabal.run("tail", "messages", "--key", "@@at/1", "--from", "start");
    assertThat(tail.out()).as(tail.toString()).contains("@@at/1").contains("hello");
  }

  @Test
  void shouldReadAndWriteUtf8UnderTheLocaleC() throws Exception {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            Pabal.class.getName(),
            "tail",
            "messages",
            "--from",
            "뷁/é");
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("LC_ALL", "C");

    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);

    assertThat(process.waitFor()).as(output).isEqualTo(ExitCode.USAGE);
    assertThat(output).contains("뷁/é");
  }
}
