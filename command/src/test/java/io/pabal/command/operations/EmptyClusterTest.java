// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.operations;

import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.command.ExitCode;
import io.pabal.command.operations.RunningPabal.Result;
import io.pabal.embedded.EmbeddedKafka;
import io.pabal.embedded.EmbeddedRedis;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Operators' commands where Pabal has never run. */
class EmptyClusterTest {

  @TempDir Path directory;

  @Test
  void shouldSayThatThereIsNoSuchTopic() {
    try (var kafka = EmbeddedKafka.start(directory.resolve("kafka"), 0);
        var redis = EmbeddedRedis.start(directory.resolve("redis"), 0)) {
      Stream.of(
              "tail messages",
              "connectors list",
              "replay --from start",
              "rebuild",
              "missed --address rooms/1")
          .forEach(command -> assertNotFound(command, kafka, redis));
    }
  }

  private static void assertNotFound(String command, EmbeddedKafka kafka, EmbeddedRedis redis) {
    List<String> arguments = new ArrayList<>(List.of(command.split(" ", -1)));
    arguments.addAll(
        List.of(
            "--bootstrap-servers",
            kafka.bootstrapServers(),
            "--redis-uri",
            redis.uri().toString()));

    Result result = RunningPabal.runAsIs(arguments.toArray(String[]::new));

    assertThat(result.exitCode()).as(command + result).isEqualTo(ExitCode.NOT_FOUND);
    assertThat(result.out()).isEmpty();
    assertThat(result.err().lines())
        .singleElement()
        .asString()
        .startsWith("pabal: topic ")
        .endsWith(": does not exist (expected: one of none, Pabal has not run here).");
  }
}
