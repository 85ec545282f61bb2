// SPDX-License-Identifier: Apache-2.0
package io.pabal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.connector.ConnectorConfig;
import io.pabal.connector.fixture.Patience;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A connector in a JVM of its own whose memory is small and can be measured: what is kept without a
 * bound ends the process with an {@code OutOfMemoryError}. Used by one thread.
 */
final class ConnectorProcess implements AutoCloseable {

  /** Asks {@link MeasuredConnector} what it holds in memory. */
  static final String MEMORY = "memory";

  /** Asks {@link MeasuredConnector} for the bytes that wait for Kafka. */
  static final String APPEND = "append";

  private static final long STOP_SECONDS = Patience.MAX.toSeconds();
  private static final long APPEND_BYTES_MAX_DEFAULT =
      ConnectorConfig.Kafka.defaults("").appendBytesMax();

  final int port;
  private final Process process;
  private final BufferedReader answers;
  private final PrintStream questions;
  private final Path log;
  private boolean killed;

  /**
   * What a connector holds after everything that is garbage was collected.
   *
   * @param heapBytes live objects
   * @param directBytes buffers outside the heap: Netty's and those of the JDK
   */
  record Memory(long heapBytes, long directBytes) {
    long bytes() {
      return heapBytes + directBytes;
    }
  }

  private ConnectorProcess(Process process, Path log) throws IOException {
    this.process = process;
    this.log = log;
    this.answers = process.inputReader(StandardCharsets.UTF_8);
    this.questions =
        new PrintStream(process.getOutputStream(), /* autoFlush= */ true, StandardCharsets.UTF_8);
    this.port = Integer.parseInt(answer());
  }

  /**
   * Starts connector {@code id} with at most {@code memoryMiB} of heap and as much outside of it,
   * and waits until it takes clients.
   */
  static ConnectorProcess start(
      Path directory, String id, int memoryMiB, String bootstrapServers, URI redisUri)
      throws IOException {
    return start(directory, id, memoryMiB, bootstrapServers, redisUri, APPEND_BYTES_MAX_DEFAULT);
  }

  /** The same with a bound on the bytes of messages that wait for Kafka. */
  static ConnectorProcess start(
      Path directory,
      String id,
      int memoryMiB,
      String bootstrapServers,
      URI redisUri,
      long appendBytesMax)
      throws IOException {
    Path log = Files.createDirectories(directory).resolve(id + ".log");
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xmx" + memoryMiB + "m",
            "-XX:MaxDirectMemorySize=" + memoryMiB + "m",
            "-XX:+ExitOnOutOfMemoryError",
            "-cp",
            System.getProperty("java.class.path"),
            MeasuredConnector.class.getName(),
            id,
            bootstrapServers,
            redisUri.toString(),
            Long.toString(appendBytesMax));
    return new ConnectorProcess(
        new ProcessBuilder(command).redirectError(log.toFile()).start(), log);
  }

  /** Collects garbage and measures. */
  Memory memory() throws IOException {
    questions.println(MEMORY);
    String[] words = answer().split(" ", -1);
    return new Memory(Long.parseLong(words[0]), Long.parseLong(words[1]));
  }

  /** Bytes of messages that wait for Kafka. */
  long appendBytes() throws IOException {
    questions.println(APPEND);
    return Long.parseLong(answer());
  }

  long pid() {
    return process.pid();
  }

  /** Ends it without a word to anybody. */
  void kill() throws InterruptedException {
    killed = true;
    process.destroyForcibly().waitFor();
  }

  /** Stops it in good order, unless it was killed; it must not have reported a leaked buffer. */
  @Override
  public void close() throws IOException {
    questions.close();
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    String logged = Files.readString(log);
    System.out.print(logged); // says why, where a test fails
    assertThat(logged).doesNotContain("LEAK:");
    if (killed) {
      return;
    }
    assertThat(process.exitValue()).as("exit status (3: out of memory)").isZero();
  }

  private String answer() throws IOException {
    String line = answers.readLine();
    if (line == null) {
      throw new IllegalStateException("the connector ended:\n" + Files.readString(log));
    }
    return line;
  }
}
