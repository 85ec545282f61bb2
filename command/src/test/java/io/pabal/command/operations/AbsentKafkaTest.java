// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.operations;

import io.pabal.command.operations.RunningPabal.Result;
import io.pabal.embedded.EmbeddedRedis;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A role that Kafka does not answer says so in one line. */
class AbsentKafkaTest {

  /** Side by side: each of them waits half a minute for Kafka. */
  @Test
  void shouldSayInOneLineThatARoleDoesNotStartWithoutKafka(@TempDir Path directory)
      throws Exception {
    EmbeddedRedis redis = EmbeddedRedis.start(directory.resolve("redis"), 0);
    Map<String, Future<Result>> running = new LinkedHashMap<>();
    try (redis;
        var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      for (String role : List.of("connector", "router", "timeline")) {
        Path file =
            RefusingServersTest.roleFile(
                directory, role, RefusingServersTest.NOBODY, redis.uri().toString());
        running.put(
            role, executor.submit(() -> RunningPabal.runAsIs(role, "--config", file.toString())));
      }
    }
    for (var each : running.entrySet()) {
      RefusingServersTest.assertOneReason(
          each.getKey(), each.getValue().get(), RefusingServersTest.NOBODY);
    }
  }
}
