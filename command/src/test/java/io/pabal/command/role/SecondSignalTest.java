// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.role;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pabal.command.ExitCode;
import io.pabal.command.Pabal;
import io.pabal.command.Patience;
import io.pabal.embedded.EmbeddedKafka;
import io.pabal.embedded.EmbeddedRedis;
import io.pabal.embedded.FreePort;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code pabal connector} as a process: the first signal drains it, the second ends it. */
class SecondSignalTest {

  private static final int SESSIONS = 50;
  private static final int DISCONNECT = 0xE0;
  private static final Duration PATIENCE = Patience.MAX;

  @TempDir Path directory;

  @Test
  void shouldStopAtOnceAtTheSecondSignal() throws Exception {
    try (EmbeddedKafka kafka = EmbeddedKafka.start(directory.resolve("kafka"), 0);
        EmbeddedRedis redis = EmbeddedRedis.start(directory.resolve("redis"), 0)) {
      int port = FreePort.find();
      Process connector = start(port, kafka.bootstrapServers(), redis.uri().toString());
      try {
        awaitText(connector, "out", "Pabal connector is ready");
        List<Socket> clients = new ArrayList<>();
        for (int i = 0; i < SESSIONS; i++) {
          clients.add(connected(port, "c" + i));
        }

        connector.destroy();
        awaitText(connector, "err", "draining 50 sessions, at least 1/s");
        assertThat(text("err")).contains("once more to stop at once");
        connector.destroy();

        assertThat(connector.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(connector.exitValue()).isEqualTo(ExitCode.FAILED);
        assertThat(connector.descendants()).isEmpty();
        assertThat(clients.stream().filter(SecondSignalTest::wasSentAway).count())
            .isLessThan(SESSIONS);
      } finally {
        connector.destroyForcibly();
      }
    }
  }

  private Process start(int port, String bootstrapServers, String redisUri) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                Pabal.class.getName(),
                "connector")
            .redirectOutput(directory.resolve("out").toFile())
            .redirectError(directory.resolve("err").toFile());
    builder
        .environment()
        .putAll(
            Map.of(
                "PABAL_CONNECTOR_ID",
                "c1",
                "PABAL_LISTENER_PORT",
                Integer.toString(port),
                "PABAL_KAFKA_BOOTSTRAP_SERVERS",
                bootstrapServers,
                "PABAL_REDIS_URI",
                redisUri,
                "PABAL_HTTP_PORT",
                "0",
                "PABAL_DRAIN_SESSIONS_PER_SECOND",
                "1",
                "PABAL_DRAIN_TIMEOUT_SECONDS",
                "600"));
    return builder.start();
  }

  private void awaitText(Process process, String file, String expected) {
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              assertThat(process.isAlive()).as(text("err")).isTrue();
              return text(file).contains(expected);
            });
  }

  private String text(String file) throws IOException {
    return Files.readString(directory.resolve(file));
  }

  /** Lets in a client of MQTT 5, which is told when it is sent away. */
  private static Socket connected(int port, String clientId) throws IOException {
    byte[] id = clientId.getBytes(StandardCharsets.UTF_8);
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout((int) PATIENCE.toMillis());
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {0x10, (byte) (13 + id.length), 0, 4, 'M', 'Q', 'T', 'T', 5, 2, 0});
    out.writeBytes(new byte[] {0, 0, 0, (byte) id.length});
    out.writeBytes(id);
    socket.getOutputStream().write(out.toByteArray());
    InputStream in = socket.getInputStream();
    assertThat(in.read()).isEqualTo(0x20);
    byte[] connAck = in.readNBytes(in.read());
    assertThat(connAck[1]).isZero();
    return socket;
  }

  private static boolean wasSentAway(Socket socket) {
    try (socket) {
      return socket.getInputStream().read() == DISCONNECT;
    } catch (IOException e) {
      return false;
    }
  }
}
