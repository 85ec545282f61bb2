// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.role;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.internal.PlatformDependent;
import io.pabal.command.Pabal;
import io.pabal.telemetry.FatalError;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectMemoryLimitTest {

  @Test
  void shouldHoldBelowTheHeapAndHarmNothingElseWhenItIsReached() throws Exception {
    assertThat(run(Greedy.class, Map.of())).contains("exhausted below 32 MiB");
  }

  @Test
  void shouldBeWhatTheConnectorsConfigurationSays() throws Exception {
    // A role that does not start for want of a registry, but after it has read its configuration.
    Map<String, String> environment =
        Map.of(
            "PABAL_CONNECTOR_ID", "c1",
            "PABAL_HTTP_PORT", "0",
            "PABAL_REDIS_URI", "redis://127.0.0.1:1",
            "PABAL_KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1",
            "PABAL_SCHEMA_REGISTRY_URL", "http://127.0.0.1:1",
            "PABAL_MQTT_DIRECT_MEMORY_BYTES", Long.toString(20L << 20));

    assertThat(run(Configured.class, environment, "connector")).contains("limit " + (20L << 20));
  }

  @Test
  void shouldHoldForPabalUp(@TempDir Path data) throws Exception {
    // It ends, for want of a Kafka, but after it has set the limit.
    String[] arguments = {
      "up",
      "--data=" + data,
      "--port=0",
      "--http-port=0",
      "--bootstrap-servers=nowhere.invalid:1",
      "--redis-uri=redis://127.0.0.1:1"
    };

    assertThat(run(Configured.class, Map.of(), arguments)).contains("limit " + (64L << 20));
  }

  @Test
  void shouldBeAQuarterOfTheHeapWhenNoneIsConfigured() {
    long heap = Runtime.getRuntime().maxMemory();

    assertThat(DirectMemoryLimit.bytesDefault()).isEqualTo(Math.max(64L << 20, heap / 4));
  }

  private static String run(Class<?> main, Map<String, String> environment, String... arguments)
      throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Xmx128m",
                "-XX:+ExitOnOutOfMemoryError",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName())
            .redirectErrorStream(true);
    builder.command().addAll(List.of(arguments));
    builder.environment().putAll(environment);
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }

  /** A process that runs a command, and says what the limit was then. */
  static final class Configured {
    private Configured() {}

    public static void main(String[] args) {
      Pabal.commandLine().execute(args);
      System.out.println("limit " + PlatformDependent.maxDirectMemory());
      System.exit(0);
    }
  }

  /** A process that takes buffers until there are none. */
  static final class Greedy {
    private Greedy() {}

    public static void main(String[] args) {
      long limit = 32L << 20;
      DirectMemoryLimit.set(limit);
      List<ByteBuf> taken = new ArrayList<>();
      try {
        while (taken.size() * 8_192L <= 2 * limit) {
          taken.add(ByteBufAllocator.DEFAULT.directBuffer(8_192));
        }
      } catch (Throwable e) {
        FatalError.endProcessIf(e);
        if (FatalError.isOutOfDirectMemory(e) && taken.size() * 8_192L <= limit) {
          System.out.println("exhausted below 32 MiB");
        }
      }
      System.exit(0);
    }
  }
}
