// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.up;

import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.command.ExitCode;
import io.pabal.command.Pabal;
import io.pabal.embedded.FreePort;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code pabal up} refuses before it starts or deletes anything. */
class UpCommandTest {

  @TempDir Path directory;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private Path data;

  @BeforeEach
  void chooseData() {
    data = directory.resolve("data");
  }

  @Test
  void shouldSayEveryPortInUseBeforeDeletingAnything() throws IOException {
    makeData();
    try (ServerSocket kafka = listen(FreePort.find());
        ServerSocket second = listen(FreePort.find())) {
      int first = second.getLocalPort() - 1;

      int exitCode =
          up(
              "--fresh",
              "--connectors=2",
              "--port=" + first,
              "--kafka-port=" + kafka.getLocalPort());

      assertThat(exitCode).isEqualTo(ExitCode.USAGE);
      assertThat(err.toString().lines())
          .contains(
              "--kafka-port: %d for kafka (expected: a free port). Stop what listens on 127.0.0.1:%1$d, or choose another one with --kafka-port."
                  .formatted(kafka.getLocalPort()),
              "--port: %d for c2 (expected: a free port). Stop what listens on 127.0.0.1:%1$d, or choose another one with --port."
                  .formatted(second.getLocalPort()));
      assertNothingStarted();
    }
    assertThat(data.resolve("kafka/kept")).exists();
  }

  @Test
  void shouldRefusePortTwice() {
    int port = FreePort.find();

    assertThat(up("--port=" + port, "--kafka-port=" + port)).isEqualTo(ExitCode.USAGE);

    assertThat(err.toString())
        .isEqualToNormalizingNewlines(
            "--port: %d for c1 (expected: another port than kafka's). Choose another one with --port.\n"
                .formatted(port));
  }

  @Test
  void shouldRefusePortsBeyondTheLast() {
    assertThat(up("--port=65535", "--connectors=2")).isEqualTo(ExitCode.USAGE);

    assertThat(err.toString()).contains("--port: 65536 for c2 (expected: 0-65535).");
  }

  @Test
  void shouldRefuseDataThatAnotherOneUses() throws IOException {
    try (DataDirectory held = DataDirectory.open(data)) {
      assertThat(up()).isEqualTo(ExitCode.USAGE);

      assertThat(err.toString())
          .contains("that no other pabal up uses; process " + ProcessHandle.current().pid());
      assertThat(held.log()).doesNotExist();
    }
  }

  @Test
  void shouldNotDeleteDirectoryThatIsNotOurs() throws IOException {
    Files.createDirectories(data);
    Files.writeString(data.resolve("thesis.txt"), "years of work");

    assertThat(up("--fresh")).isEqualTo(ExitCode.USAGE);

    assertThat(err.toString()).contains("--data: " + data + " (expected: a new or empty directory");
    assertThat(data.resolve("thesis.txt")).exists();
  }

  @Test
  void shouldRefuseNumberOfConnectors() {
    assertThat(up("--connectors=0")).isEqualTo(ExitCode.USAGE);

    assertThat(err.toString()).contains("--connectors: 0 (expected: 1-100).");
    assertThat(data).doesNotExist();
  }

  @Test
  void shouldRefuseNumberOfPartitions() {
    assertThat(up("--partitions=0")).isEqualTo(ExitCode.USAGE);

    assertThat(err.toString()).contains("--partitions: 0 (expected: 1-1000).");
    assertThat(data).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--redis-primaries=2 | --redis-primaries: 2 (expected: 1, or 3-100).",
        "--redis-primaries=0 | --redis-primaries: 0 (expected: 1-100).",
        "--redis-primaries=101 | --redis-primaries: 101 (expected: 1-100).",
        "--redis-primaries=3 --redis-replicas=6 | --redis-replicas: 6 (expected: 0-5).",
        "--redis-primaries=3 --redis-replicas=-1 | --redis-replicas: -1 (expected: 0-5).",
        "--redis-replicas=1 | --redis-replicas: 1 (expected: --redis-primaries, too).",
        "--redis-primaries=3 --redis-uri=redis://r:1 | --redis-primaries: 3 (expected: not together with --redis-uri).",
      })
  void shouldRefuseRedisClusterThatCannotBe(String flags, String problem) {
    assertThat(up(flags.split(" ", -1))).isEqualTo(ExitCode.USAGE);

    assertThat(err.toString()).contains(problem);
    assertThat(data).doesNotExist();
  }

  @Test
  void shouldSayBothPortsOfEachRedisNodeInUse() throws IOException {
    makeData();
    int first = FreePort.findForClusterNode();
    try (ServerSocket own = listen(first);
        ServerSocket bus = listen(first + 10_000)) {
      assertThat(up("--redis-primaries=1", "--redis-port=" + first)).isEqualTo(ExitCode.USAGE);

      assertThat(err.toString())
          .contains("--redis-port: %d for redis-1 (expected: a free port).".formatted(first))
          .contains(
              "--redis-port: %d for redis-1's bus (expected: a free port)."
                  .formatted(bus.getLocalPort()));
      assertThat(own.isBound()).isTrue();
    }
    assertNothingStarted();
  }

  @Test
  void shouldRefuseRedisPortsWhoseBusIsAmongThoseOfOutgoingConnections() {
    assertThat(up("--redis-primaries=3", "--redis-replicas=1", "--redis-port=22763"))
        .isEqualTo(ExitCode.USAGE);

    assertThat(err.toString())
        .contains("--redis-port: 22763 for the first of 6 nodes (expected: 0-22762).");
  }

  @Test
  void shouldRefuseRedisThatDataAreNotOf() throws IOException {
    makeData();
    Files.createDirectories(data.resolve("redis"));

    assertThat(up("--redis-primaries=3")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString())
        .contains("--redis-primaries: 3 primaries, 0 replicas each (expected: one Redis, with");

    Files.createDirectories(data.resolve("redis-cluster"));
    Files.writeString(data.resolve("redis-cluster/cluster"), "3 primaries, 1 replica each\n");
    Files.delete(data.resolve("redis"));
    assertThat(up()).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString())
        .contains("--redis-primaries: one Redis (expected: 3 primaries, 1 replica each, with");
    assertNothingStarted();
  }

  @Test
  void shouldRefuseAPlaceForSpansThatIsNone() {
    for (String endpoint : List.of("collector:4317", "http://me:secret@collector/v1/traces")) {
      assertThat(up("--tracing-endpoint=" + endpoint)).isEqualTo(ExitCode.USAGE);
      assertThat(err.toString())
          .contains("--tracing-endpoint: ***, ")
          .contains("(expected: http://HOST:PORT/PATH")
          .doesNotContain("secret");
    }
  }

  @Test
  void shouldRefuseFlagThatIsNoNumber() {
    assertThat(up("--port=mqtt")).isEqualTo(ExitCode.USAGE);

    assertThat(err.toString()).contains("'mqtt' is not an int").contains("Try 'pabal up --help'.");
  }

  /** Every port that is not given is a free one. */
  private int up(String... flags) {
    List<String> arguments = new ArrayList<>(List.of("up", "--data", data.toString()));
    if (!List.of(flags).toString().contains("--kafka-port")) {
      arguments.add("--kafka-port=0");
    }
    if (!List.of(flags).toString().contains("--port")) {
      arguments.add("--port=0");
    }
    if (!List.of(flags).toString().contains("--redis-port")) {
      arguments.add("--redis-port=0");
    }
    arguments.add("--http-port=0");
    arguments.addAll(List.of(flags));
    return Pabal.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments.toArray(String[]::new));
  }

  private void makeData() throws IOException {
    DataDirectory.open(data).close();
    Files.createDirectories(data.resolve("kafka"));
    Files.writeString(data.resolve("kafka/kept"), "");
  }

  private void assertNothingStarted() {
    assertThat(out.toString()).isEmpty();
    assertThat(data.resolve("pabal.log")).doesNotExist();
  }

  private static ServerSocket listen(int port) throws IOException {
    return new ServerSocket(port, 1, InetAddress.ofLiteral("127.0.0.1"));
  }
}
