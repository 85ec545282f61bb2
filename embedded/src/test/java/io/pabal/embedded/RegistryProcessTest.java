// SPDX-License-Identifier: Apache-2.0
package io.pabal.embedded;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The registry's process, with a server in it that does nothing but run. */
class RegistryProcessTest {

  private static final String SERVER =
      """
      package io.quarkus.bootstrap.runner;

      public final class QuarkusEntryPoint {
        public static void main(String[] arguments) throws Exception {
          System.out.println("runs with " + String.join(" ", arguments));
          new java.util.concurrent.CountDownLatch(1).await();
        }
      }
      """;

  @TempDir Path directory;

  @Test
  void shouldEndTheServerWhenItsParentIsKilled() throws Exception {
    Process parent =
        java("-cp", System.getProperty("java.class.path"), Parent.class.getName(), server());
    try (var out = parent.inputReader()) {
      ProcessHandle server = ProcessHandle.of(Long.parseLong(out.readLine())).orElseThrow();
      assertThat(out.readLine()).isEqualTo("runs with one two");
      assertThat(server.isAlive()).isTrue();

      parent.destroyForcibly();

      server.onExit().get(60, SECONDS);
    } finally {
      parent.destroyForcibly();
    }
  }

  /** Compiles the server; returns where it is. */
  private String server() throws Exception {
    Path source = directory.resolve("QuarkusEntryPoint.java");
    Path classes = Files.createDirectory(directory.resolve("classes"));
    Files.writeString(source, SERVER);
    int failed =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "-d", classes.toString(), source.toString());
    assertThat(failed).isZero();
    return classes.toString();
  }

  private static Process java(String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  /** Starts the server, says its pid and what it says, and waits to be killed. */
  static final class Parent {
    public static void main(String[] arguments) throws Exception {
      List<String> all = new ArrayList<>(RegistryProcess.arguments(Path.of(arguments[0])));
      all.addAll(List.of("one", "two"));
      Process server = java(all.toArray(String[]::new));
      System.out.println(server.pid());
      System.out.println(server.inputReader().readLine());
      new CountDownLatch(1).await();
    }
  }
}
