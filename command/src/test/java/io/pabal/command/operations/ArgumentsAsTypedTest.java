// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.operations;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.command.ExitCode;
import io.pabal.command.Pabal;
import io.pabal.command.operations.RunningPabal.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
      assertThat(pabal.run("sessions", "kick", id, "--delete", "--dry-run").err())
          .contains(id);
    }
    pabal.publish("@@at/1", "hello");

    Result tail = pabal.run("tail", "messages", "--key", "@@at/1", "--from", "start");
    assertThat(tail.out()).as(tail.toString()).contains("@@at/1").contains("hello");
  }

  @Test
  void shouldReadAndWriteUtf8UnderTheLocaleC() throws Exception {
    String id = "뷁-클라이언트";
    pabal.subscriber(id, "방/é", context -> {}).disconnect();
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Pabal.class.getName(),
                "sessions",
                "show",
                id));
    command.addAll(pabal.flags());
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.redirectError(directory.resolve("err").toFile());
    builder.environment().put("LC_ALL", "C");

    Process process = builder.start();
    String out = new String(process.getInputStream().readAllBytes(), UTF_8);

    assertThat(process.waitFor())
        .as(out + Files.readString(directory.resolve("err")))
        .isEqualTo(ExitCode.OK);
    assertThat(out).contains("clientId        " + id + "\n").contains("방/é");
  }
}
