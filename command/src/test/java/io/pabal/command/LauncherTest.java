// SPDX-License-Identifier: Apache-2.0
package io.pabal.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The script {@code pabal}, with a java that only says how it was called. */
class LauncherTest {

  private static final Path LAUNCHER = Path.of("..", "pabal");

  @TempDir Path directory;

  @BeforeEach
  void copyLauncher() throws IOException {
    assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "there is no bash");
    Files.copy(LAUNCHER, directory.resolve("pabal"));
    Files.createDirectories(directory.resolve("command/target/lib"));
    Path bin = Files.createDirectories(directory.resolve("jdk/bin"));
    Files.writeString(directory.resolve("jdk/release"), "JAVA_VERSION=\"25.0.1\"\n");
    executable(bin.resolve("javac"), "exit 1");
    executable(bin.resolve("java"), "locale charmap; for word; do echo \"$word\"; done");
  }

  @ParameterizedTest
  @ValueSource(strings = {"C", "POSIX", "none.ISO-8859-1", ""})
  void shouldGiveJavaALocaleOfUtf8(String locale) throws Exception {
    assertThat(run(locale, "sessions", "show", "뷁")).contains("UTF-8").endsWith("뷁");
  }

  @Test
  void shouldHandArgumentsOverAsTheyAre() throws Exception {
    String[] arguments = {
      "sessions", "show", "@" + LAUNCHER, "@@x", "*", "", "a b", "$HOME", "\"'"
    };

    assertThat(run("C", arguments)).endsWith(arguments);
  }

  private List<String> run(String locale, String... arguments) throws Exception {
    List<String> words =
        new ArrayList<>(List.of("/bin/bash", directory.resolve("pabal").toString()));
    words.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
    Map<String, String> environment = builder.environment();
    environment.put("JAVA_HOME", directory.resolve("jdk").toString());
    environment.put("PABAL_NO_BUILD", "1");
    environment.put("LC_ALL", locale);
    environment.remove("LANG");
    environment.remove("LC_CTYPE");
    Process process = builder.start();
    List<String> lines =
        new String(process.getInputStream().readAllBytes(), UTF_8).lines().toList();
    assertThat(process.waitFor()).as(lines.toString()).isZero();
    return lines;
  }

  private static void executable(Path file, String script) throws IOException {
    Files.writeString(file, "#!/bin/bash\n" + script + "\n");
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }
}
