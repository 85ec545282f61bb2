// SPDX-License-Identifier: Apache-2.0
package io.pabal.embedded;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedRedisTest {

  private static final int ANSWER_MILLIS = 10_000;

  @TempDir Path directory;

  @Test
  void shouldKeepKeysAcrossRestarts() throws Exception {
    int port;
    long pid;
    try (EmbeddedRedis redis = EmbeddedRedis.start(directory, 0)) {
      port = redis.port();
      pid = redis.pid();
      assertThat(redis.uri()).hasToString("redis://127.0.0.1:" + port);
      assertThat(ask(port, "SET kept value", 5)).isEqualTo("+OK\r\n");
    }
    assertThat(ProcessHandle.of(pid)).isEmpty();

    try (EmbeddedRedis redis = EmbeddedRedis.start(directory, port)) {
      assertThat(ask(redis.port(), "GET kept", 11)).isEqualTo("$5\r\nvalue\r\n");
    }
  }

  @Test
  void shouldRewriteItsFileOnlyWhenLarge() throws Exception {
    try (EmbeddedRedis redis = EmbeddedRedis.start(directory, 0)) {
      assertThat(ask(redis.port(), "CONFIG GET auto-aof-rewrite-min-size", 51))
          .endsWith("\r\n" + 512 * 1024 * 1024 + "\r\n");
      assertThat(ask(redis.port(), "CONFIG GET rdbcompression", 33)).endsWith("\r\nno\r\n");
    }
  }

  @Test
  void shouldReportThatServerDied() {
    try (EmbeddedRedis redis = EmbeddedRedis.start(directory, 0)) {
      ProcessHandle.of(redis.pid()).orElseThrow().destroyForcibly();

      assertThatThrownBy(() -> redis.terminated().toCompletableFuture().get(30, SECONDS))
          .isInstanceOf(ExecutionException.class)
          .hasMessageContaining("redis-server ended with status 137");
    }
  }

  @Test
  void shouldRefuseDirectoryInUse() {
    try (EmbeddedRedis redis = EmbeddedRedis.start(directory, 0)) {
      assertThatThrownBy(() -> EmbeddedRedis.start(directory, 0))
          .hasMessageContaining("is in use by process " + ProcessHandle.current().pid());
      assertThat(ProcessHandle.of(redis.pid())).isPresent();
    }
  }

  @Test
  void shouldEndServerLeftBehind() throws Exception {
    long pid;
    try (EmbeddedRedis left = EmbeddedRedis.start(directory, 0)) {
      pid = left.pid();
      // Given the pid of a starter that is not the server's parent any more
      Files.writeString(directory.resolve("redis.pid"), pid + " 999999999\n");

      try (EmbeddedRedis redis = EmbeddedRedis.start(directory, left.port())) {
        assertThat(redis.pid()).isNotEqualTo(pid);
        assertThat(ProcessHandle.of(pid)).isEmpty();
        assertThat(ask(redis.port(), "PING", 7)).isEqualTo("+PONG\r\n");
      }
    }
  }

  @Test
  void shouldFindServerThatListensOnPort() throws Exception {
    try (EmbeddedRedis redis = EmbeddedRedis.start(directory, 0)) {
      assertThat(EmbeddedRedis.runningOn(redis.port()))
          .contains(new RunningRedis(redis.pid(), directory.toAbsolutePath(), false));

      // Given the pid of a starter that is not the server's parent any more
      Files.writeString(directory.resolve("redis.pid"), redis.pid() + " 999999999\n");
      assertThat(EmbeddedRedis.runningOn(redis.port()))
          .contains(new RunningRedis(redis.pid(), directory.toAbsolutePath(), true));
    }
    assertThat(EmbeddedRedis.runningOn(FreePort.find())).isEmpty();
  }

  @Test
  void shouldNotFindServerThatIsNotRedis() throws Exception {
    try (var other = new ServerSocket(0, 5, InetAddress.ofLiteral("127.0.0.1"))) {
      assertThat(EmbeddedRedis.runningOn(other.getLocalPort())).isEmpty();
    }
  }

  @Test
  void shouldEndServerWithAllItsDataWhenItsParentIsKilled() throws Exception {
    assumeThat(RedisBinary.onPath("setpriv")).as("setpriv, of Linux").isPresent();
    Process parent =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Parent.class.getName(),
                directory.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (var out = parent.inputReader()) {
      String[] said = out.readLine().split(" ", -1);
      ProcessHandle server = ProcessHandle.of(Long.parseLong(said[0])).orElseThrow();
      assertThat(ask(Integer.parseInt(said[1]), "SET kept value", 5)).isEqualTo("+OK\r\n");
      // The server lives although the thread that started it has ended, and got no signal.
      assertThat(ask(Integer.parseInt(said[1]), "PING", 7)).isEqualTo("+PONG\r\n");
      assertThat(directory.resolve("redis.log")).content().doesNotContain("SIGTERM");

      parent.destroyForcibly();

      server.onExit().get(60, SECONDS);
    } finally {
      parent.destroyForcibly();
    }
    try (EmbeddedRedis redis = EmbeddedRedis.start(directory, 0)) {
      assertThat(ask(redis.port(), "GET kept", 11)).isEqualTo("$5\r\nvalue\r\n");
    }
  }

  /** Starts a server on a thread that ends, prints its pid and port, and waits to be killed. */
  static final class Parent {
    public static void main(String[] arguments) throws Exception {
      CompletableFuture<EmbeddedRedis> started = new CompletableFuture<>();
      CompletableFuture<Path> thread = new CompletableFuture<>();
      Thread.ofPlatform()
          .start(
              () -> {
                try {
                  thread.complete(Path.of("/proc/thread-self").toRealPath());
                  started.complete(EmbeddedRedis.start(Path.of(arguments[0]), 0));
                } catch (IOException | RuntimeException e) {
                  started.completeExceptionally(e);
                }
              });
      EmbeddedRedis redis = started.join();
      while (Files.exists(thread.join())) {
        Thread.onSpinWait();
      }
      System.out.println(redis.pid() + " " + redis.port());
      new CountDownLatch(1).await();
    }
  }

  @Test
  void shouldLeaveOtherProcessOfRecordedPidAlone() throws Exception {
    Process other = new ProcessBuilder("sleep", "600").start();
    try {
      Files.writeString(directory.resolve("redis.pid"), other.pid() + " 999999999\n");

      EmbeddedRedis.start(directory, 0).close();

      assertThat(other.isAlive()).isTrue();
    } finally {
      other.destroyForcibly();
    }
  }

  private static String ask(int port, String command, int answerBytes) throws IOException {
    try (Socket socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), port)) {
      socket.setSoTimeout(ANSWER_MILLIS);
      socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readNBytes(answerBytes), StandardCharsets.US_ASCII);
    }
  }
}
